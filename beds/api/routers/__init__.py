"""One router a noun. Each parses, calls one service, and shows what came back."""

from beds.api.routers import (
    audit,
    case_steps,
    choices,
    closures,
    exports,
    forecasts,
    health,
    holds,
    me,
    nights,
    placements,
    referrals,
    rounds,
    scenarios,
    sites,
)

ROUTERS = (
    referrals.router,
    case_steps.router,
    choices.router,
    holds.router,
    placements.router,
    rounds.router,
    sites.router,
    closures.router,
    nights.router,
    scenarios.router,
    forecasts.router,
    exports.router,
    audit.router,
    me.router,
    health.router,
)
"""Every router of the application."""
