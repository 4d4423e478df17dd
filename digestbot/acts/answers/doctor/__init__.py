"""Doctor: is the machine, the database and the sender's DNS in a state in which mails arrive? Nothing is changed."""

from digestbot.acts.answers.doctor.examine import examine
from digestbot.acts.answers.doctor.findings import (
    DatabaseState,
    DoctorTools,
    Finding,
    FindingState,
    SenderSetup,
    SiteSetup,
)

__all__ = ["DatabaseState", "DoctorTools", "Finding", "FindingState", "SenderSetup", "SiteSetup", "examine"]
