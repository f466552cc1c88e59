"""One public function per user action; every door goes through here."""
