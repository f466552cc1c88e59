"""What stands tonight: for a coordinator the queue and the estate, for a provider their own houses."""

from beds.roles import Permission
from dashboard.components import page_head
from dashboard.language import t
from dashboard.session import visitor
from dashboard.today_coordinator import show_coordinators_night
from dashboard.today_provider import show_providers_night


def show_page() -> None:
    """Show the night of whoever is here."""
    who = visitor(Permission.SEE_CASES, Permission.SEE_STAYS)
    if who.actor.may(Permission.SEE_CASES):
        page_head(t("Today"), t("Who waits, who cannot, what is vacant, and what needs a decision next."))
        show_coordinators_night()
    else:
        page_head(t("Today"), t("Your houses tonight: who is coming, who is there, what is vacant."))
        show_providers_night()


show_page()
