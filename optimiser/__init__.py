"""Pure functions over arrays and opaque references: no database, no HTTP, no screen, no personal data."""
