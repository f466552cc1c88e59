"""The pages that people work in. They show what `beds.services` answers, and compute nothing of their own."""
