#include "store/mark.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/scan.h"

#define HEADING "remesa mark 1"

void mark_close(struct mark *m)
{
    for (int i = 0; i < m->batch_count; i++)
        free(m->batches[i]);
    *m = (struct mark){0};
}

bool mark_equal(const struct mark *a, const struct mark *b)
{
    return strcmp(a->database, b->database) == 0 && strcmp(a->machine, b->machine) == 0 &&
           a->file == b->file && a->run == b->run && a->attempt == b->attempt &&
           a->batch == b->batch && a->decision == b->decision && a->audit == b->audit &&
           strcmp(a->seal, b->seal) == 0;
}

/* ---- text ---- */

void mark_write(const struct mark *m, struct buf *out)
{
    buf_printf(out, "%s\ndatabase %s\nmachine %s\n", HEADING, m->database, m->machine);
    buf_printf(out,
               "file %" PRId64 "\nrun %" PRId64 "\nattempt %" PRId64 "\nbatch %" PRId64
               "\ndecision %" PRId64 "\nat %" PRId64 "\n",
               m->file, m->run, m->attempt, m->batch, m->decision, m->at.ms);
    if (m->audit)
        buf_printf(out, "audit %" PRId64 " %s\n", m->audit, m->seal);
    for (int i = 0; i < m->batch_count; i++)
        buf_printf(out, "named %s\n", m->batches[i]);
}

static bool take_line(struct span *text, struct span *line)
{
    const char *end = text->len ? memchr(text->ptr, '\n', text->len) : NULL;
    if (!end)
        return false;
    *line = (struct span){text->ptr, (size_t)(end - text->ptr)};
    *text = (struct span){end + 1, text->len - line->len - 1};
    return true;
}

/* What stands on the next line after `name` and a blank. */
static bool take_value(struct span *text, const char *name, struct span *value)
{
    size_t len = strlen(name);
    struct span line;
    if (!take_line(text, &line) || line.len < len + 2 || line.ptr[len] != ' ' ||
        memcmp(line.ptr, name, len) != 0)
        return false;
    *value = (struct span){line.ptr + len + 1, line.len - len - 1};
    return true;
}

static bool take_word(struct span *text, const char *name, char out[MARK_WORD_MAX])
{
    struct span value;
    if (!take_value(text, name, &value) || value.len >= MARK_WORD_MAX)
        return false;
    memcpy(out, value.ptr, value.len);
    out[value.len] = '\0';
    return true;
}

static bool take_number(struct span *text, const char *name, int64_t *out)
{
    struct span value;
    return take_value(text, name, &value) && scan_int(value, 0, INT64_MAX, out);
}

/* A mark from before there was a trail has no such line. */
static bool take_audit(struct span *text, struct mark *m)
{
    static const char name[] = "audit ";
    struct span value;
    if (text->len < sizeof(name) - 1 || memcmp(text->ptr, name, sizeof(name) - 1) != 0)
        return true;
    if (!take_value(text, "audit", &value) || value.len < SHA256_HEX_MAX + 1)
        return false;
    size_t digits = value.len - SHA256_HEX_MAX;
    memcpy(m->seal, value.ptr + digits + 1, SHA256_HEX_MAX - 1);
    return value.ptr[digits] == ' ' &&
           scan_int((struct span){value.ptr, digits}, 1, INT64_MAX, &m->audit);
}

static bool take_batches(struct span *text, struct mark *m)
{
    struct span name;
    while (text->len) {
        if (m->batch_count == MARK_BATCHES_MAX || !take_value(text, "named", &name))
            return false;
        m->batches[m->batch_count++] = mem_span(name);
    }
    return true;
}

int mark_read(struct mark *m, struct span text, struct err *err)
{
    struct span heading;
    *m = (struct mark){0};
    if (take_line(&text, &heading) && span_is(heading, HEADING) &&
        take_word(&text, "database", m->database) &&
        take_word(&text, "machine", m->machine) && take_number(&text, "file", &m->file) &&
        take_number(&text, "run", &m->run) &&
        take_number(&text, "attempt", &m->attempt) &&
        take_number(&text, "batch", &m->batch) &&
        take_number(&text, "decision", &m->decision) &&
        take_number(&text, "at", &m->at.ms) && take_audit(&text, m) &&
        take_batches(&text, m))
        return 0;
    return err_set(err, ERR_INPUT, "it is not a mark as this remesa writes it");
}

/* ---- what two states say of each other ---- */

static bool is_behind(const struct mark *now, const struct mark *mark)
{
    return now->run < mark->run || now->attempt < mark->attempt ||
           now->batch < mark->batch || now->decision < mark->decision;
}

enum mark_finding mark_compare(const struct mark *mark, const struct mark *now,
                               bool was_marked)
{
    if (!mark)
        return was_marked ? MARK_ABSENT : MARK_FITS;
    if (mark->attempt == 0 && !was_marked)
        return MARK_FITS; /* nothing was ever sent by what it speaks of */
    if (strcmp(mark->database, now->database) != 0)
        return MARK_OTHER;
    if (is_behind(now, mark))
        return MARK_BEHIND;
    bool same_file = mark->file == now->file && strcmp(mark->machine, now->machine) == 0;
    return same_file ? MARK_FITS : MARK_MOVED;
}
