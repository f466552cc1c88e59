"""The nouns, the rules and the measures. Imports nothing else of ours, opens no file and no database."""
