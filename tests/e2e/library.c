/* A program that uses remesa as a library: nothing but its public header. Driven by
 * test_library.py, which knows the sandbox and looks at the ledger afterwards.
 *
 *     library BASE_URL KEY_FILE FOLDER      FOLDER has payees.csv (30 payees) and bad.csv
 *
 * Says which check failed and ends with 1, or ends with 0. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "remesa/remesa.h"

#define PAYEES 30

static int failures;

static void check_that(int so, const char *what, const char *where, int line)
{
    if (so)
        return;
    fprintf(stderr, "%s:%d: not so: %s\n", where, line, what);
    failures++;
}
#define CHECK(so) check_that(!!(so), #so, __FILE__, __LINE__)

struct place {
    const char *base_url, *key_file, *folder;
    char database[512], payees[512], bad[512];
};

static void must_set(struct remesa *r, const char *name, const char *value)
{
    if (remesa_set(r, name, value) != 0) {
        fprintf(stderr, "%s = %s: %s\n", name, value, remesa_error(r));
        failures++;
    }
}

static struct remesa *open_night(const struct place *at)
{
    struct remesa *r = remesa_new(at->database);
    must_set(r, "base_url", at->base_url);
    must_set(r, "api_key_file", at->key_file);
    must_set(r, "rate", "0");
    must_set(r, "concurrency", "4");
    must_set(r, "retry_base", "20ms");
    return r;
}

/* ---- settings ---- */

static void settings_are_by_name(const struct place *at)
{
    struct remesa *r = remesa_new(at->database);
    CHECK(strcmp(remesa_get(r, "db"), at->database) == 0);
    CHECK(remesa_get(r, "api_key_file") == NULL);
    must_set(r, "api_key_file", "somewhere");
    CHECK(strcmp(remesa_get(r, "api_key_file"), "somewhere") == 0);
    CHECK(remesa_get(r, "no_such_setting") == NULL);

    CHECK(remesa_set(r, "rate", "fast") == -1);
    CHECK(remesa_exit_status(r) == 78);
    CHECK(strstr(remesa_error(r), "rate: 'fast' is not"));
    CHECK(remesa_set(r, "no_such_setting", "1") == -1);
    CHECK(remesa_exit_status(r) == 78);
    must_set(r, "db", "elsewhere.db");
    CHECK(strcmp(remesa_get(r, "db"), "elsewhere.db") == 0);
    remesa_free(r);
    remesa_free(NULL);
}

/* ---- taking work in ---- */

struct told {
    int count;
    int64_t line;
    char column[64], text[256];
};

static void keep_complaint(void *ctx, int64_t line, const char *column, const char *text)
{
    struct told *t = ctx;
    if (t->count++ > 0)
        return;
    t->line = line;
    snprintf(t->column, sizeof(t->column), "%s", column ? column : "");
    snprintf(t->text, sizeof(t->text), "%s", text);
}

static void a_bad_file_is_told(const struct place *at)
{
    struct told told = {0};
    struct remesa_imported got;
    struct remesa_import what = {
        .path = at->bad, .complain = keep_complaint, .ctx = &told};
    struct remesa *r = open_night(at);
    CHECK(remesa_import(r, &what, &got) == -1);
    CHECK(remesa_exit_status(r) == 65);
    CHECK(strstr(remesa_error(r), "nothing was imported"));
    CHECK(told.count == 2 && got.complaints == 2);
    CHECK(told.line == 2 && strcmp(told.column, "email") == 0);
    CHECK(strstr(told.text, "e-mail"));

    what.complain = NULL; /* nobody listens: it still refuses */
    CHECK(remesa_import(r, &what, &got) == -1);
    what.path = "no-such-file.csv";
    CHECK(remesa_import(r, &what, &got) == -1);
    CHECK(remesa_exit_status(r) == 66);
    remesa_free(r);
}

static void a_good_file_comes_in_once(const struct place *at)
{
    struct remesa_imported got;
    struct remesa_import what = {.path = at->payees, .batch = "tonight"};
    struct remesa *r = open_night(at);
    what.check_only = true;
    what.expect_rows = 3 * PAYEES;
    CHECK(remesa_import(r, &what, &got) == 0);
    CHECK(got.jobs == 3 * PAYEES && got.known == 0);
    what.check_only = false;
    const char *const totals[] = {"clp=7", NULL}; /* of which there are none */
    what.expect_totals = totals;
    CHECK(remesa_import(r, &what, &got) == -1);
    CHECK(remesa_exit_status(r) == 65 && got.complaints > 1);
    what.expect_totals = NULL;
    what.expect_rows = -1;
    CHECK(remesa_import(r, &what, &got) == -1 && remesa_exit_status(r) == 64);
    what.expect_rows = 3 * PAYEES;
    CHECK(remesa_import(r, &what, &got) == 0);
    CHECK(got.jobs == 3 * PAYEES && got.known == 0 && got.complaints == 0);
    CHECK(strcmp(got.batch, "tonight") == 0);
    CHECK(strlen(got.sha256) == 64);
    CHECK(remesa_import(r, &what, &got) == 0);
    CHECK(got.jobs == 0 && got.known == 3 * PAYEES);
    remesa_free(r);
}

/* ---- carrying it out ---- */

struct watcher {
    struct remesa *remesa;
    int64_t stop_at; /* sent requests; 0: never */
    int calls;
    int64_t sent;
};

static void watch(void *ctx, const struct remesa_progress *p)
{
    struct watcher *w = ctx;
    w->calls++;
    CHECK(p->total == 3 * PAYEES);
    CHECK(p->waiting + p->in_flight + p->succeeded + p->following + p->in_doubt +
              p->failed + p->skipped + p->cancelled ==
          p->total);
    CHECK(p->sent >= w->sent);
    w->sent = p->sent;
    if (w->stop_at && p->sent >= w->stop_at)
        remesa_stop(w->remesa);
}

static void a_run_stops_when_its_callback_says_so(const struct place *at)
{
    static const char *const batches[] = {"tonight", NULL};
    struct remesa *r = open_night(at);
    struct watcher w = {.remesa = r, .stop_at = 10};
    struct remesa_run how = {.batches = batches, .progress = watch, .ctx = &w};
    struct remesa_ran ran;
    CHECK(remesa_run(r, &how, &ran) == 0);
    CHECK(ran.exit_status == 75);
    CHECK(w.calls > 0 && ran.last.sent >= 10 && ran.last.sent < 3 * PAYEES);
    CHECK(ran.last.in_flight == 0 && ran.last.in_doubt == 0 && ran.last.waiting > 0);
    remesa_stop(r); /* when nothing runs: nothing */
    remesa_abort(r);
    remesa_free(r);
}

static void the_next_run_goes_on(const struct place *at)
{
    struct remesa *r = open_night(at);
    struct watcher w = {.remesa = r};
    struct remesa_run how = {.progress = watch, .ctx = &w};
    struct remesa_ran ran;
    CHECK(remesa_run(r, &how, &ran) == 0);
    CHECK(ran.exit_status == 3);
    CHECK(ran.last.succeeded == 2 * PAYEES && ran.last.following == PAYEES);
    CHECK(ran.last.waiting == 0 && ran.last.elapsed_ms >= 0);

    /* The same handle once more: nothing is left to send; each payout is asked about, in its user's list. */
    static const char *const batches[] = {"tonight", NULL};
    how = (struct remesa_run){.batches = batches};
    CHECK(remesa_run(r, &how, &ran) == 0);
    CHECK(ran.exit_status == 3 && ran.last.sent == PAYEES);
    remesa_free(r);
}

static void an_open_handle_holds_nobody(const struct place *at)
{
    struct remesa_ran ran;
    struct remesa_run how = {0};
    struct remesa *a = open_night(at), *b = open_night(at);
    CHECK(remesa_run(a, &how, &ran) == 0);
    CHECK(remesa_run(b, &how, &ran) == 0);
    must_set(b, "api_key_file", "no-such-key");
    CHECK(remesa_run(b, &how, &ran) == -1);
    CHECK(remesa_exit_status(b) == 66);
    must_set(b, "base_url", "http://192.0.2.1/api");
    CHECK(remesa_run(b, &how, &ran) == -1);
    CHECK(remesa_exit_status(b) == 78);
    CHECK(remesa_run(a, &how, &ran) == 0); /* the other's errors are its own */
    remesa_free(a);
    remesa_free(b);
}

/* ---- reading the results ---- */

struct counter {
    int rows, most;
    int64_t total;
};

static const char *text_of(const struct remesa_cell *cells, int count, const char *column)
{
    for (int i = 0; i < count; i++)
        if (strcmp(cells[i].column, column) == 0)
            return cells[i].text;
    return NULL;
}

static bool count_row(void *ctx, const struct remesa_cell *cells, int count)
{
    struct counter *c = ctx;
    const char *total = text_of(cells, count, "total");
    c->rows++;
    if (total)
        c->total += atoi(total);
    return c->most == 0 || c->rows < c->most;
}

static struct counter read_view(struct remesa *r, const char *view, const char *key,
                                int64_t limit, int most)
{
    struct counter c = {.most = most};
    if (remesa_report(r, view, key, limit, count_row, &c) != 0) {
        fprintf(stderr, "%s: %s\n", view, remesa_error(r));
        failures++;
    }
    return c;
}

static bool is_accepted(void *ctx, const struct remesa_cell *cells, int count)
{
    const char *state = text_of(cells, count, "state"),
               *id = text_of(cells, count, "remote_id");
    (void)ctx;
    CHECK(state && (strcmp(state, "succeeded") == 0 || strcmp(state, "following") == 0));
    CHECK(id && id[0]);
    CHECK(text_of(cells, count, "error") == NULL);
    for (int i = 0; i < count; i++)
        if (strcmp(cells[i].column, "http_status") == 0)
            CHECK(cells[i].is_number);
    return true;
}

static void the_views_can_be_read(const struct place *at)
{
    struct remesa *r = open_night(at);
    CHECK(read_view(r, "progress", NULL, 0, 0).total == 3 * PAYEES);
    CHECK(read_view(r, "progress", "tonight", 0, 0).rows == 1);
    CHECK(read_view(r, "progress", "no such batch", 0, 0).rows == 0);
    CHECK(read_view(r, "results", NULL, 0, 0).rows == 3 * PAYEES);
    CHECK(read_view(r, "results", "tonight", 7, 0).rows == 7);
    CHECK(read_view(r, "results", NULL, 0, 5).rows ==
          5); /* the callback has seen enough */
    CHECK(read_view(r, "money", NULL, 0, 0).rows > 0);
    CHECK(read_view(r, "failures", NULL, 0, 0).rows == 0);
    CHECK(read_view(r, "doubts", NULL, 0, 0).rows == 0);
    CHECK(read_view(r, "job", "payout-0000", 0, 0).rows == 1);
    CHECK(read_view(r, "needs", "payout-0000", 0, 0).rows == 2);
    CHECK(read_view(r, "attempts", "payout-0000", 0, 0).rows == 1);
    CHECK(remesa_report(r, "results", NULL, 0, is_accepted, NULL) == 0);

    struct counter c = {0};
    CHECK(remesa_report(r, "no such view", NULL, 0, count_row, &c) == -1);
    CHECK(strstr(remesa_error(r), "no such view") && c.rows == 0);
    must_set(r, "db", "no-such-database.db");
    CHECK(remesa_report(r, "results", NULL, 0, count_row, &c) == -1);
    CHECK(remesa_exit_status(r) == 66);
    remesa_free(r);
}

int main(int argc, char **argv)
{
    if (argc != 4)
        return 64;
    struct place at = {.base_url = argv[1], .key_file = argv[2], .folder = argv[3]};
    snprintf(at.database, sizeof(at.database), "%s/remesa.db", at.folder);
    snprintf(at.payees, sizeof(at.payees), "%s/payees.csv", at.folder);
    snprintf(at.bad, sizeof(at.bad), "%s/bad.csv", at.folder);

    CHECK(remesa_version()[0] >= '0' && remesa_version()[0] <= '9');
    settings_are_by_name(&at);
    a_bad_file_is_told(&at);
    a_good_file_comes_in_once(&at);
    a_run_stops_when_its_callback_says_so(&at);
    the_next_run_goes_on(&at);
    an_open_handle_holds_nobody(&at);
    the_views_can_be_read(&at);
    if (failures)
        fprintf(stderr, "%d checks failed\n", failures);
    return failures > 0;
}
