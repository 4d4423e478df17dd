"""Alert mails: one file a service, each a pure reading of one mail. What is common to all of them: the mail (`letter`),
its lines (`lines`), what a link leads to (`links`), and what stands below a title (`below_title`). No addresses are asked."""
