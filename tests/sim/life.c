#include "sim/life.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/catalogue.h"
#include "base/clock.h"
#include "db/internal.h"
#include "engine/run/run.h"
#include "sim/chance.h"
#include "sim/findings.h"
#include "sim/hours.h"
#include "sim/judge.h"
#include "sim/loop.h"
#include "sim/operator.h"
#include "sim/trace.h"
#include "sim/wire.h"
#include "store/attempts.h"
#include "store/store.h"

static struct catalogue catalogue;
static char key_text[] = "canary-key-0123456789";
static const struct key key = {.text = key_text, .room = sizeof(key_text)};

/* The one that lives. */
static struct {
    struct store *store;
    struct run *run;
    bool over;
    int64_t signal_at_us; /* INT64_MAX: none comes any more */
    bool aborts;
} me;

void life_setup(void)
{
    struct err err;
    for (const struct embed *e = catalogue_builtin(); e->name; e++)
        if (catalogue_read(&catalogue, e->text, e->name, &err)) {
            fprintf(stderr, "remesa-sim: %s\n", err.text);
            abort();
        }
}

void life_teardown(void)
{
    catalogue_close(&catalogue);
}

/* ---- the world around the loop ---- */

static int64_t next_us(void)
{
    int64_t wire = wire_next_us();
    return me.signal_at_us < wire ? me.signal_at_us : wire;
}

static void happen(void)
{
    wire_happen();
    if (me.signal_at_us > hours_now_us() || death_came())
        return;
    me.signal_at_us = INT64_MAX;
    trace_say("signal: %s", me.aborts ? "at once" : "stop");
    if (me.aborts)
        run_abort(me.run);
    else
        run_stop(me.run);
}

static void on_ended(void *ctx)
{
    (void)ctx;
    me.over = true;
}

/* ---- its stations ---- */

static int open_store(const struct night *n, struct err *err)
{
    if (store_open(&me.store, DISK_DB, STORE_WRITE, "the simulation", err))
        return -1;
    if (n->checkpoint_frames)
        sqlite3_wal_autocheckpoint(store_db(me.store)->handle, n->checkpoint_frames);
    return 0;
}

/* The same rows again change nothing; now and then it is tried. */
static int import(const struct night *n, struct rng *dice, struct err *err)
{
    if (judge_was_imported() && !chance_in_100(dice, 15))
        return 0;
    if (night_import(n, me.store, err))
        return -1;
    judge_imported();
    return 0;
}

static struct run_options options_of(const struct night *n, const struct life *life,
                                     struct rng *dice)
{
    return (struct run_options){
        .core = {.concurrency = n->concurrency,
                 .milli_rate = n->milli_rate,
                 .retry_base_us = n->retry_base_ms * MS_US,
                 .retry_max_us = n->retry_max_ms * MS_US,
                 .setback_limit = n->retry_limit,
                 .try_limit = n->retry_limit,
                 .seed = rng_next(dice)},
        .find = {.first_ms = n->find_first_ms,
                 .settle_ms = n->settle_ms,
                 .tries = n->find_first_ms ? n->find_tries : 0},
        .base_url = "http://nowhere",
        .store = me.store,
        .catalogue = &catalogue,
        .key = &key,
        .stop_after_ms = life->stop_after_ms,
    };
}

static int run(const struct life *life, struct err *err)
{
    static const struct loop_world world = {next_us, happen};
    enum core_end end = CORE_END_DONE;
    me.over = false;
    me.aborts = life->aborts;
    me.signal_at_us = life->signal_us ? hours_now_us() + life->signal_us : INT64_MAX;
    run_start(me.run, wire_open(run_on_response, me.run), on_ended, NULL);
    enum loop_end how = loop_run(&world, &me.over);
    if (how == LOOP_STUCK || how == LOOP_ENDLESS)
        find(FOUND_LOST, "the run %s",
             how == LOOP_STUCK ? "waits for nothing" : "does not come to an end");
    if (how != LOOP_ENDED)
        return err_set(err, ERR_SOFTWARE, "the run did not end by itself");
    if (run_result(me.run, &end, err))
        return -1;
    trace_say("the run ended: %d", (int)end);
    if (end == CORE_END_CONFLICT)
        find(FOUND_WRONG, "a conflict is told, and there is none");
    return 0;
}

static int record_end(struct err *err)
{
    if (store_begin(me.store, err))
        return -1;
    if (store_run_end(me.store, run_id(me.run), 0, NULL, clock_wall(), err) ||
        store_commit(me.store, err)) {
        store_rollback(me.store);
        return -1;
    }
    return store_tidy(me.store, err);
}

static int live(const struct night *n, const struct life *life, struct rng *dice,
                struct err *err)
{
    if (open_store(n, err) || import(n, dice, err))
        return -1;
    if (life->asks_operator && operator_decides(n, me.store, life->is_kind, dice, err))
        return -1;
    struct run_options options = options_of(n, life, dice);
    if (run_open(&me.run, NULL, &options, err) || run(life, err))
        return -1;
    return record_end(err);
}

static enum life_end end_of(int rc, const struct err *err)
{
    if (death_came())
        return LIFE_DIED;
    if (rc == 0)
        return LIFE_ENDED;
    if (disk_errors() == 0 && findings_count() == 0)
        find(FOUND_WRONG, "the program gave up: %s", err->text);
    trace_say("gave up: %s", err->text);
    return LIFE_FAILED;
}

enum life_end life_live(const struct night *n, const struct life *life, struct rng *dice)
{
    struct err err = {.text = ""};
    me.store = NULL;
    me.run = NULL;
    death_plan(&life->death);
    disk_plan_error(&life->error);
    loop_begin();
    int rc = live(n, life, dice, &err);
    wire_close();
    enum life_end end = end_of(rc, &err);
    run_close(me.run);
    store_close(me.store);
    figures.io_errors += disk_errors() > 0;
    disk_plan_error(&(struct disk_error){0});
    return death_came() ? LIFE_DIED : end;
}
