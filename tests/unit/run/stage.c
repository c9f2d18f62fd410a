#include "unit/run/stage.h"

#include "api/catalogue.h"

#define PATIENCE_MS 20000

static char key_text[] = "canary-key-0123456789";

/* ---- the server ---- */

int stage_server(void *ctx, struct fake_sent *sent)
{
    struct stage *s = ctx;
    char id[24];
    snprintf(id, sizeof(id), "%d", ++s->next_id);
    bool payout = strcmp(sent->path, "/cash_withdrawals") == 0;
    if (strcmp(sent->method, "GET") == 0)
        fake_says(&sent->answer, 200,
                  "{\"data\":{\"id\":\"1\",\"type\":\"users\",\"attributes\":{}}}");
    else
        fake_echoes(sent, id, payout ? "received" : NULL);
    return 1;
}

/* ---- what is on disk when a request goes out ---- */

static void look(void *ctx, const struct fake_sent *sent)
{
    struct stage *s = ctx;
    char sql[400];
    snprintf(
        sql, sizeof(sql),
        "SELECT count(*) AS n FROM attempt a JOIN job j ON j.id = a.job_id WHERE "
        "j.id = %lld AND a.closed_at IS NULL AND a.number = j.attempts AND j.state = "
        "'sending'",
        (long long)sent->tag);
    bool open = sql_int(s->reader, sql) == 1;
    snprintf(
        sql, sizeof(sql),
        "SELECT count(*) AS n FROM need JOIN job d ON d.id = needed_id WHERE job_id = "
        "%lld AND (d.state <> 'succeeded' OR d.remote_id IS NULL)",
        (long long)sent->tag);
    s->too_early += !open || sql_int(s->reader, sql) != 0;
    if (s->during)
        s->during(s, sent);
}

/* ---- life ---- */

static void read_catalogue(struct catalogue *c)
{
    struct err err;
    for (const struct embed *e = catalogue_builtin(); e->name; e++)
        if (catalogue_read(c, e->text, e->name, &err))
            fail_msg("%s", err.text);
}

void stage_open(struct stage *s)
{
    *s = (struct stage){.key = {.text = key_text, .room = sizeof(key_text)}};
    desk_open(&s->desk);
    uv_loop_init(&s->loop);
    read_catalogue(&s->catalogue);
    s->reader = temp_db(s->desk.temp.db, DB_READ_ONLY);
    s->options = (struct run_options){
        .core = {.concurrency = 4,
                 .milli_rate = 0,
                 .retry_base_us = 4000,
                 .retry_max_us = 20000,
                 .setback_limit = 4,
                 .try_limit = 3,
                 .seed = 1},
        .base_url = "http://127.0.0.1",
        .catalogue = &s->catalogue,
        .key = &s->key,
    };
    fake_transport_init(&s->fake, &s->loop);
    s->fake.server = stage_server;
    s->fake.server_ctx = s->fake.watch_ctx = s;
    s->fake.watch = look;
}

void stage_close(struct stage *s)
{
    fake_transport_stop(&s->fake);
    uv_run(&s->loop, UV_RUN_DEFAULT);
    fake_transport_close(&s->fake);
    assert_int_equal(uv_loop_close(&s->loop), 0);
    catalogue_close(&s->catalogue);
    db_close(s->reader);
    desk_close(&s->desk);
}

/* ---- playing ---- */

static void on_ended(void *ctx)
{
    struct stage *s = ctx;
    s->ends++;
    s->ended = true;
    uv_close((uv_handle_t *)&s->watchdog, NULL);
    uv_stop(&s->loop);
}

static void bite(uv_timer_t *timer)
{
    (void)timer;
    fprintf(stderr, "the run does not end\n");
    abort();
}

void stage_play(struct stage *s)
{
    s->options.store = s->desk.store;
    s->ended = false;
    s->ends = 0;
    if (run_open(&s->run, &s->loop, &s->options, &s->err))
        fail_msg("%s", s->err.text);
    s->fake.done = run_on_response;
    s->fake.done_ctx = s->run;
    uv_timer_init(&s->loop, &s->watchdog);
    uv_timer_start(&s->watchdog, bite, PATIENCE_MS, 0);
    run_start(s->run, &s->fake.seam, on_ended, s);
    while (!s->ended)
        uv_run(&s->loop, UV_RUN_DEFAULT);
    uv_run(&s->loop, UV_RUN_NOWAIT);
    s->result = run_result(s->run, &s->end, &s->err);
    s->counts = *run_counts(s->run);
    run_close(s->run);
    s->run = NULL;
    assert_int_equal(s->ends, 1);
}

/* ---- looking ---- */

int stage_sends(struct stage *s, const char *ref)
{
    return fake_sends_of(&s->fake, desk_id(&s->desk, ref));
}

const struct fake_sent *stage_sent(struct stage *s, const char *ref, int nth)
{
    int64_t id = desk_id(&s->desk, ref);
    for (int i = 0; i < s->fake.count; i++)
        if (s->fake.sent[i].tag == id && s->fake.sent[i].nth == nth)
            return &s->fake.sent[i];
    fail_msg("request %d of %s was not made", nth, ref);
    return NULL;
}
