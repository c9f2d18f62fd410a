/* A job's parameters: names and texts, sorted by name, each name once.
 *
 * Everything is text here, as the caller wrote it; the action's catalogue entry says how
 * a text is read and how it goes on the wire. A dotted name nests: `body.cbu` is the
 * member `cbu` of `body`. The JSON form is one flat object of strings in name order:
 * equal parameters give equal bytes. */
#ifndef REMESA_MODEL_PARAMS_H
#define REMESA_MODEL_PARAMS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/span.h"

/* What stands for a secret in the params of a job; the digest itself is the store's to add. */
#define SECRET_DIGEST "secret "
#define SECRET_ONCE   "one-time password"

struct param {
    char *name;
    char *value;
};

struct params {
    struct param *items;
    size_t count;
    size_t room;
};

void params_init(struct params *p);
void params_close(struct params *p);

/* Copies both; false when the name is there already. */
bool params_add(struct params *p, struct span name, struct span value);
/* In the place of what is there, which is wiped. */
void params_set(struct params *p, const char *name, const char *value);
const char *params_get(const struct params *p, const char *name); /* NULL: absent */

void params_write(const struct params *p, struct buf *json);

/* Reads the form that params_write writes. ERR_INPUT when it is not of that form. */
int params_read(struct params *p, struct span json, struct err *err);

/* Reads any JSON object a person wrote, nested ones flattened with dots. Numbers keep
 * their digits, true and false become words, null is absent, arrays stay JSON text.
 * ERR_INPUT names the fault. */
int params_read_object(struct params *p, struct span json, struct err *err);

#endif
