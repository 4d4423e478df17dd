#!/bin/sh
# One round of digestbot on a machine that forgets everything: the store is kept, encrypted, on a branch of its own.
#
# What must hold when a run is skipped, repeated, or killed at any line: nobody gets a mail twice, and nothing is lost.
#   1. fetch    the store from the branch
#   2. compose  poll, and write the digests that are due into the store; nothing goes out yet
#   3. promise  push the store with a note that its mail is about to go out. A push onto a newer state is refused: two
#               runs at once are one run, and the other stops here
#   4. send     hand the mail over
#   5. save     push the store with the receipts and without the note
#   6. publish  write the public pages into $SITE
# A run that finds the note of another knows that the other was killed between 3 and 5. Nobody can know which of its mails
# went out: they are held, never repeated, and wait for `digestbot outbox retry` or `cancel` by hand.
#
# Needs git, openssl, tar. Set DIGESTBOT_STATE_KEY (a long secret); the others have defaults.
set -eu

DIGESTBOT=${DIGESTBOT:-digestbot}
REMOTE=${REMOTE:-origin}             # where the branch is pushed
BRANCH=${BRANCH:-digestbot-state}
CONFIG=${DIGESTBOT_CONFIG:-config/digestbot.toml}
VAR=${VAR:-var}                      # the folder of the store, the key and the feeds
SITE=${SITE:-site}
: "${DIGESTBOT_STATE_KEY:?set DIGESTBOT_STATE_KEY to a long secret}"
export DIGESTBOT_STATE_KEY DIGESTBOT_CONFIG="$CONFIG"
export GIT_AUTHOR_NAME=digestbot GIT_AUTHOR_EMAIL=digestbot@localhost
export GIT_COMMITTER_NAME=digestbot GIT_COMMITTER_EMAIL=digestbot@localhost
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

crypt() { openssl enc -aes-256-cbc -pbkdf2 -iter 200000 -pass env:DIGESTBOT_STATE_KEY "$@"; }

# The state as the branch has it. $seen is what a later push must find there; empty for no branch yet.
fetch() {
    seen=$(git ls-remote "$REMOTE" "refs/heads/$BRANCH" | cut -f1)
    rm -rf "$VAR"
    mkdir -p "$VAR"
    [ -n "$seen" ] || return 0
    git fetch -q --depth 1 "$REMOTE" "refs/heads/$BRANCH"
    seen=$(git rev-parse FETCH_HEAD)
    git cat-file blob "$seen:store" >"$work/store"
    crypt -d -in "$work/store" -out "$work/store.tar.gz"
    tar -xzf "$work/store.tar.gz" -C "$VAR"
}

# One commit with the whole state takes the place of the one that was seen; where another is there, the run ends here.
push() {
    tar -czf "$work/store.tar.gz" -C "$VAR" .
    crypt -salt -in "$work/store.tar.gz" -out "$work/store"
    tree=$(printf '100644 blob %s\tstore\n' "$(git hash-object -w "$work/store")" | git mktree)
    made=$(git commit-tree "$tree" -m "$1 $(date -u +%Y-%m-%dT%H:%M:%SZ)")
    git push -q --force-with-lease="refs/heads/$BRANCH:$seen" "$REMOTE" "$made:refs/heads/$BRANCH"
    seen=$made
}

fetch
if [ -n "$seen" ] && git log -1 --format=%s "$seen" | grep -q '^sending '; then
    echo "round: a run ended while it sent: its mails are held, see 'digestbot outbox list'" >&2
    $DIGESTBOT outbox hold
fi
$DIGESTBOT outbox pause >/dev/null
$DIGESTBOT tick || echo "round: not all went well; what was composed goes out" >&2
$DIGESTBOT outbox resume >/dev/null
push sending
$DIGESTBOT send || echo "round: not all could be sent; it waits for the next run" >&2
push saved
$DIGESTBOT publish "$SITE"
