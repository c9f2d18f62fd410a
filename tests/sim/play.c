#include "sim/play.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "sim/chance.h"
#include "sim/findings.h"
#include "sim/hours.h"
#include "sim/image.h"
#include "sim/judge.h"
#include "sim/ledger.h"
#include "sim/life.h"
#include "sim/server.h"
#include "sim/trace.h"
#include "sim/vfs.h"
#include "sim/wire.h"

#define KIND_LIVES_MAX 12
#define MINUTE_US      INT64_C(60000000)

static uint8_t *fresh; /* a database as a first start leaves it */
static size_t fresh_size;

/* ---- setup ---- */

static void begin_world(const struct night *n)
{
    hours_begin();
    findings_begin();
    disk_begin(n->starts_empty ? NULL : fresh, fresh_size);
    disk_ignore_syncs(n->lie == LIE_SYNC);
    vfs_begin(n->seed, n->slow_syncs);
    image_begin();
    ledger_begin();
    server_begin(n);
    wire_begin(n);
    judge_begin(n);
}

static void make_fresh(void)
{
    static const struct death_plan never = {.step = DEATH_NEVER};
    struct night n = {.starts_empty = true};
    struct store *store;
    struct err err;
    begin_world(&n);
    death_plan(&never);
    if (store_open(&store, DISK_DB, STORE_WRITE, "the simulation", &err)) {
        fprintf(stderr, "remesa-sim: %s\n", err.text);
        abort();
    }
    store_close(store);
    struct disk_bytes file = disk_view(DISK_DB, DISK_NOW);
    fresh_size = file.size;
    fresh = mem_zero(fresh_size, 1);
    memcpy(fresh, file.bytes, fresh_size);
}

void play_setup(void)
{
    vfs_register();
    make_fresh();
    life_setup();
    judge_open();
}

void play_teardown(void)
{
    judge_close();
    life_teardown();
    disk_begin(NULL, 0);
    free(fresh);
}

/* ---- lives that may end badly ---- */

static int64_t some(struct rng *r, int64_t few, int64_t many)
{
    return chance_between(r, 1, chance_in_100(r, 50) ? few : many);
}

static void draw_death(struct life *life, const struct night *n, struct rng *r)
{
    int64_t at = chance_between(r, 0, 99);
    life->death = (struct death_plan){.step = DEATH_NEVER, .after = chance_in_100(r, 50)};
    if (at < 45)
        life->death.step = DEATH_AT_DISK;
    else if (at < 65)
        life->death.step = DEATH_AT_SEND;
    else if (at < 75)
        life->death.step = DEATH_AT_TURN;
    int64_t many = (life->death.step == DEATH_AT_DISK ? 30 : 2) * n->job_count;
    life->death.number = some(r, many / 8 + 1, many);
}

static void draw_error(struct life *life, struct rng *r)
{
    static const int64_t many[DISK_CALL_COUNT] = {[DISK_OPEN] = 4,
                                                  [DISK_READ] = 120,
                                                  [DISK_WRITE] = 300,
                                                  [DISK_TRUNCATE] = 3,
                                                  [DISK_SYNC] = 40};
    if (!chance_in_100(r, 15))
        return;
    enum disk_call call = (enum disk_call)rng_below(r, DISK_CALL_COUNT);
    life->error = (struct disk_error){.call = call,
                                      .number = chance_between(r, 1, many[call]),
                                      .for_good = chance_in_100(r, 50),
                                      .is_full = chance_in_100(r, 50)};
}

static void draw_life(struct life *life, const struct night *n, struct rng *r)
{
    *life = (struct life){.asks_operator = chance_in_100(r, 30)};
    draw_death(life, n, r);
    draw_error(life, r);
    if (chance_in_100(r, 10)) {
        life->signal_us = chance_small(r, 1, 20 * MINUTE_US);
        life->aborts = chance_in_100(r, 50);
    }
    if (chance_in_100(r, 10))
        life->stop_after_ms = chance_small(r, 1, 600000);
}

static void cut_power(int percent, struct rng *life_dice, struct rng *cut_dice)
{
    if (!chance_in_100(life_dice, percent))
        return;
    trace_say("the power is cut");
    disk_cut_power(cut_dice);
    figures.power_cuts++;
}

static void between_lives(const struct night *n, bool ended, struct rng *r)
{
    judge_between_lives(ended);
    hours_pass(chance_in_100(r, 50) ? 0 : chance_small(r, 0, 30 * MINUTE_US));
    if (n->wall_jump_ms)
        hours_set_wall(chance_between(r, -n->wall_jump_ms, n->wall_jump_ms));
}

static void live_badly(const struct night *n, struct rng *r, struct rng *cuts)
{
    struct life life;
    draw_life(&life, n, r);
    enum life_end end = life_live(n, &life, r);
    uint64_t before = end == LIFE_ENDED ? judge_digest() : 0;
    figures.crashes += end == LIFE_DIED;
    cut_power(end == LIFE_DIED ? 50 : 20, r, cuts);
    if (end == LIFE_ENDED && judge_digest() != before)
        find(FOUND_LOST, "a power cut takes away what a run that was over had written");
    between_lives(n, end == LIFE_ENDED, r);
}

/* ---- the end of the night ---- */

static bool is_finished(const struct night *n)
{
    const struct judged *r = judge_rows();
    for (int i = 0; r && i < n->job_count; i++)
        if (strcmp(r[i].state, "queued") == 0 || strcmp(r[i].state, "sending") == 0 ||
            strcmp(r[i].state, "in_doubt") == 0)
            return false;
    return r != NULL;
}

/* First the look-ups alone, where there are any; then with a person, who needs several
 * rounds when one doubt hides the next. */
static void live_kindly(const struct night *n, struct rng *r)
{
    bool looks = n->find_first_ms > 0;
    server_be_kind();
    for (int i = 0; i < KIND_LIVES_MAX && !is_finished(n); i++) {
        struct life life = {.death = {.step = DEATH_NEVER}, .is_kind = true};
        life.asks_operator = !looks || i > 0;
        hours_pass_until(ledger_quiet_us() + 1);
        bool ended = life_live(n, &life, r) == LIFE_ENDED;
        if (ended && looks)
            judge_looked_up();
        judge_between_lives(ended);
    }
}

static void play(const struct night *n)
{
    struct rng r = chance_of(n->seed, CHANCE_LIFE), cuts = chance_of(n->seed, CHANCE_CUT);
    for (int i = 0; i < n->lives && !findings_count(); i++)
        live_badly(n, &r, &cuts);
    if (!findings_count())
        live_kindly(n, &r);
    judge_end();
}

static void tell(const struct night *n)
{
    night_print(n);
    for (int i = 0; findings_text(i); i++)
        printf("  %s\n", findings_text(i));
    printf("  again: remesa-sim --seed %llu --count 1 --trace%s%s\n",
           (unsigned long long)n->seed, n->lie ? " --lie " : "", night_lie_name(n->lie));
    fflush(stdout);
}

void play_seed(uint64_t seed, enum night_lie lie, bool trace)
{
    static struct night n;
    night_expand(&n, seed, lie);
    trace_begin(seed, trace);
    if (trace)
        night_print(&n);
    begin_world(&n);
    play(&n);
    figures.seeds++;
    figures.us += hours_now_us();
    figures.guilty += findings_count() > 0;
    figures.digest += trace_hash() * UINT64_C(0x9e3779b97f4a7c15);
    if (findings_count())
        tell(&n);
}
