"""The `beds` command, one module a theme. Every command is thin: options in, one service, words out."""
