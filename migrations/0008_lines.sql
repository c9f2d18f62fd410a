-- The input as it stood, for the report that gives it back with what became of each line (remesa report --csv).
-- Without cells that hold secrets or files.

CREATE TABLE batch_input (
    batch_id  INTEGER PRIMARY KEY REFERENCES batch (id),
    columns   TEXT    NOT NULL,                  -- the header, CSV with that delimiter
    delimiter TEXT    NOT NULL,
    by_recipe INTEGER NOT NULL                   -- a line's jobs are REF.step, and not REF
) STRICT;

-- In pieces of many lines each: a row for each line would cost an import much of its pace. Of each line: its ref,
-- a blank, how many bytes its cells have, LF, the cells as CSV, LF.
CREATE TABLE batch_lines (
    id       INTEGER PRIMARY KEY,
    batch_id INTEGER NOT NULL REFERENCES batch (id),
    lines    TEXT    NOT NULL
) STRICT;
CREATE INDEX batch_lines_of_batch ON batch_lines (batch_id);
