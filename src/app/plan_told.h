/* The requests of a plan: counted by action, and told as they would go, in the words of a person. */
#ifndef REMESA_APP_PLAN_TOLD_H
#define REMESA_APP_PLAN_TOLD_H

#include "engine/run/foresee.h"
#include "model/action.h"
#include "remesa/remesa.h"
#include "store/store.h"

struct plan_told {
    const char *base_url;
    const struct remesa_plan *what;
    const struct catalogue *catalogue;
    struct plan_count {
        char *action, *method;
        enum foreseen_kind kind;
        int64_t requests, jobs;
    } * counts; /* in the order in which they first went */
    size_t count;
};

void plan_told_open(struct plan_told *t, const struct catalogue *catalogue,
                    const char *base_url, const struct remesa_plan *what);
void plan_told_close(struct plan_told *t);

void plan_told_add(struct plan_told *t, struct store *s, const struct foreseen *f);
void plan_told_count(struct plan_told *t, const char *action, int64_t jobs);
int plan_told_rows(const struct plan_told *t, const struct remesa_plan *what);

#endif
