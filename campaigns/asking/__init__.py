"""Whom we ask: may we, why not, who is meant, whom we have asked already, and who is reminded."""
