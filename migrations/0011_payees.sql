-- Who is paid by a job that moves money (src/model/payee.h); NULL: nobody in particular, or it was imported
-- before there were payees.
ALTER TABLE job ADD COLUMN payee TEXT;
CREATE INDEX job_payee ON job (payee, currency, minor) WHERE payee IS NOT NULL;

CREATE TRIGGER job_keeps_its_payee
BEFORE UPDATE OF payee ON job
WHEN OLD.payee IS NOT NEW.payee
BEGIN
    SELECT RAISE(ABORT, 'a job keeps what was imported; import another one with a ref of its own');
END;
