/* What a state sets off when it is entered, and what decides where a thing goes next. The
 * machine calls these; nobody else. */
#ifndef REMESA_SANDBOX_EFFECTS_H
#define REMESA_SANDBOX_EFFECTS_H

#include "sandbox/machine.h"

/* Marks in the data choose it (mark.h). */
enum fate {
    FATE_ANY,
    FATE_REJECT,
    FATE_DISMISS,
    FATE_ABANDON,
    FATE_OBSERVE,
    FATE_RETURN,
    FATE_RETRY
};

enum fate issue_fate(struct sandbox *s, const struct resource *issue);
void issue_approved(const struct moment *m);
void issue_rejected(const struct moment *m);
void issue_observed(const struct moment *m);

enum fate request_fate(const struct resource *request);
void request_asked(const struct moment *m);
void request_quoted(const struct moment *m);
void request_accepted(const struct moment *m);
void request_working(const struct moment *m);
void request_finished(const struct moment *m);
void request_cancelled(const struct moment *m);

enum fate output_fate(struct sandbox *s, const struct resource *output);
void output_accepting(const struct moment *m);
void output_accepted(const struct moment *m);
void output_failed(const struct moment *m);
void output_ended(const struct moment *m);

enum fate order_fate(const struct resource *order);
void bot_to_cancel(const struct moment *m);
void bot_cancelled(const struct moment *m);

#endif
