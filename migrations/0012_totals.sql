-- How many lines of data the sender of the file said that it has; its sums are batch_money.declared (src/model/totals.h).
ALTER TABLE batch ADD COLUMN declared_rows INTEGER;
