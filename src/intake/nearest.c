#include "intake/nearest.h"

#include <stdbool.h>
#include <stdio.h>

#define DISTANCE_MAX 2
#define NAME_MAX_LEN 64 /* longer names are not looked at */

void nearest_init(struct nearest *n, struct span wanted)
{
    *n = (struct nearest){.wanted = wanted, .distance = DISTANCE_MAX + 1};
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static size_t least(size_t a, size_t b, size_t c)
{
    size_t ab = a < b ? a : b;
    return ab < c ? ab : c;
}

/* Levenshtein's distance, one row of the table at a time. */
static size_t distance(struct span a, struct span b)
{
    size_t row[NAME_MAX_LEN + 1];
    for (size_t j = 0; j <= b.len; j++)
        row[j] = j;
    for (size_t i = 1; i <= a.len; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= b.len; j++) {
            size_t change = diagonal + (lower(a.ptr[i - 1]) != lower(b.ptr[j - 1]));
            diagonal = row[j];
            row[j] = least(change, row[j] + 1, row[j - 1] + 1);
        }
    }
    return row[b.len];
}

void nearest_offer(struct nearest *n, const char *name)
{
    struct span offer = span_of(name);
    if (offer.len > NAME_MAX_LEN || n->wanted.len > NAME_MAX_LEN)
        return;
    size_t d = distance(n->wanted, offer);
    bool all_letters_changed = d >= offer.len;
    if (d >= n->distance || all_letters_changed)
        return;
    n->distance = d;
    n->name = name;
}

const char *nearest_hint(const struct nearest *n, char out[NEAREST_HINT_MAX])
{
    out[0] = '\0';
    if (n->name)
        snprintf(out, NEAREST_HINT_MAX, ": did you mean '%s'?", n->name);
    return out;
}
