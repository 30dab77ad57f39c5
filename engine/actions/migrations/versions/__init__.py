"""One file per migration, in order; a migration that was released is never edited."""
