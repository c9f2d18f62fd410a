-- What goes on without a job that it needs ("?ref"): it waits for it, and then starts whatever has become of it.
ALTER TABLE need ADD COLUMN soft INTEGER NOT NULL DEFAULT 0;
-- What needs such a job starts when the API has taken it, and does not wait until it is final there.
ALTER TABLE job ADD COLUMN frees_early INTEGER NOT NULL DEFAULT 0;
