/* States that move with the sandbox's clock: what moves, after how long, and what it sets
 * off. Nothing runs by itself: whoever looks calls machine_run first, and each move bears
 * the time at which it was due. */
#ifndef REMESA_SANDBOX_MACHINE_H
#define REMESA_SANDBOX_MACHINE_H

#include "sandbox/resource.h"
#include "sandbox/sandbox.h"

#define MACHINE_NEVER (-1) /* milliseconds: it waits for ever */

/* It is in that state from now on; sets off what belongs to it. */
void machine_enter(struct sandbox *s, const char *kind, int64_t id, const char *state,
                   int64_t now_us);

/* Everything that is due by now. */
void machine_run(struct sandbox *s, int64_t now_us);

/* Everybody's pending issues are looked at now. */
void machine_decide(struct sandbox *s, int64_t now_us);

/* ---- for what a state sets off ---- */

struct moment {
    struct sandbox *sandbox;
    const struct resource *of;
    int64_t now_us;
};

/* Members to set in a thing's attributes: a JSON object. */
void machine_set(struct sandbox *s, const char *kind, int64_t id, struct span news);

/* "2026-11-24T03:16:07.123Z", or seconds since 1970 for an issue and what belongs to it
 * with --epoch-times; as JSON. */
void machine_time(const struct sandbox *s, struct span kind, int64_t at_us,
                  struct buf *out);

/* The clock of states: wall time, and how far it was moved on (POST /_sandbox/advance). */
int64_t machine_now(const struct sandbox *s);

#endif
