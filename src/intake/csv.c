#include "intake/csv.h"

#include <csv.h>
#include <stdarg.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/mem.h"
#include "intake/csv_fields.h"
#include "intake/csv_line.h"

#define GROWTH (64 * 1024) /* of libcsv's field buffer; its own step is 128 bytes */

struct csv_reader {
    struct csv_parser parser;
    struct listener listener;
    void (*on_line)(void *ctx, const struct csv_line *line);
    void *on_line_ctx;
    bool delimiter_known;
    bool skipping; /* the rest of this line: it is too long, and told */
    int64_t line;  /* being read */
    int64_t faults;
    struct buf carry; /* the start of a line whose end has not come yet */

    /* the record being read */
    bool in_quotes;    /* it goes on in the next line */
    bool bad;          /* a fault of it is told */
    bool field_ended;  /* in this line */
    bool record_ended; /* in this line */
    int64_t record_line;
    int64_t quote_line; /* where the quote that is open now opened */
    size_t record_len;
    struct csv_fields fields;
};

static void fault(struct csv_reader *r, int64_t line, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

static void fault(struct csv_reader *r, int64_t line, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    complain_vsay(&r->listener, false, line, NULL, fmt, args);
    va_end(args);
    r->bad = true;
    r->faults++;
}

static int never_a_blank(unsigned char c)
{
    (void)c;
    return 0;
}

struct csv_reader *csv_reader_open(const struct csv_options *options, struct listener l)
{
    struct csv_reader *r = mem_zero(1, sizeof(*r));
    csv_init(&r->parser, CSV_STRICT);
    csv_set_space_func(&r->parser, never_a_blank); /* or blanks would be trimmed */
    csv_set_realloc_func(&r->parser, mem_realloc);
    csv_set_blk_size(&r->parser, GROWTH);
    buf_init(&r->carry,
             CSV_RECORD_MAX + 1); /* and the line end that the last line lacks */
    csv_fields_init(&r->fields, CSV_RECORD_MAX);
    r->listener = l;
    r->on_line = options->on_line;
    r->on_line_ctx = options->on_line_ctx;
    r->line = 1;
    r->delimiter_known = options->delimiter != '\0';
    if (r->delimiter_known)
        csv_set_delim(&r->parser, (unsigned char)options->delimiter);
    return r;
}

void csv_reader_close(struct csv_reader *r)
{
    if (!r)
        return;
    csv_free(&r->parser);
    buf_close(&r->carry);
    csv_fields_close(&r->fields);
    free(r);
}

char csv_reader_delimiter(struct csv_reader *r)
{
    return (char)csv_get_delim(&r->parser);
}

int64_t csv_reader_line(const struct csv_reader *r)
{
    return r->line;
}

int64_t csv_reader_faults(const struct csv_reader *r)
{
    return r->faults;
}

/* ---- libcsv's two calls back ---- */

static void on_field(void *bytes, size_t len, void *ctx)
{
    struct csv_reader *r = ctx;
    r->field_ended = true;
    if (r->bad)
        return;
    if (len > CSV_FIELD_MAX)
        fault(r, r->record_line, "field %zu is longer than %d kB", r->fields.count + 1,
              CSV_FIELD_MAX / 1024);
    else if (r->fields.count == CSV_COLUMNS_MAX)
        fault(r, r->record_line, "more than %d fields", CSV_COLUMNS_MAX);
    else
        csv_fields_add(&r->fields, (struct span){bytes, len});
}

static void on_record(int end, void *ctx)
{
    struct csv_reader *r = ctx;
    (void)end;
    r->record_ended = true;
}

/* ---- from line to record ---- */

static void begin_record(struct csv_reader *r)
{
    r->bad = false;
    r->record_line = r->line;
    r->record_len = 0;
    csv_fields_clear(&r->fields);
}

/* The record is lost; the next line is taken as a new one. */
static void give_up_record(struct csv_reader *r)
{
    csv_fini(&r->parser, NULL, NULL, NULL); /* which sets it back to its start */
    r->in_quotes = false;
    r->record_len = 0;
    buf_clear(&r->carry);
}

static void tell_too_long(struct csv_reader *r)
{
    if (r->in_quotes)
        fault(r, r->quote_line, "the quote that opens here is not closed within 1 MB");
    else
        fault(r, r->line,
              "longer than 1 MB: is this a CSV file with LF or CRLF line ends?");
}

static void tell_quote(struct csv_reader *r, struct span line, size_t at)
{
    bool goes_back = r->in_quotes && !r->field_ended;
    if (line.ptr[at] == '"')
        fault(r, r->line,
              "byte %zu: a quote inside a field that does not begin with one: put the "
              "field in quotes and double those in it",
              at + 1);
    else if (goes_back)
        fault(r, r->line, "byte %zu: text after a closing quote; it opened in line %lld",
              at + 1, (long long)r->quote_line);
    else
        fault(r, r->line, "byte %zu: text after a closing quote", at + 1);
}

static void check_bytes(struct csv_reader *r, struct span line)
{
    size_t broken = csv_line_broken_utf8(line);
    if (broken < line.len)
        fault(
            r, r->line,
            "byte %zu of the line (0x%02x) is not UTF-8: save the file as UTF-8, or try "
            "--encoding windows-1252",
            broken + 1, (unsigned char)line.ptr[broken]);
    const char *nul = memchr(line.ptr, '\0', line.len);
    if (nul)
        fault(r, r->line, "byte %zu of the line is a NUL: this is not a text file",
              (size_t)(nul - line.ptr) + 1);
}

static bool parse_line(struct csv_reader *r, struct span line)
{
    r->field_ended = r->record_ended = false;
    size_t parsed = csv_parse(&r->parser, line.ptr, line.len, on_field, on_record, r);
    if (parsed != line.len) {
        tell_quote(r, line, parsed);
        give_up_record(r);
        return false;
    }
    /* A line that ends no record was empty or ends inside quotes. */
    bool goes_on = !r->record_ended && (r->in_quotes || !csv_line_is_empty(line));
    if (goes_on && (!r->in_quotes || r->field_ended))
        r->quote_line = r->line;
    if (!goes_on)
        r->record_len = 0;
    r->in_quotes = goes_on;
    return r->record_ended && !r->bad;
}

/* `line` goes up to its LF; `whole`: that LF stood in the file. */
static bool read_text(struct csv_reader *r, struct span line, bool whole)
{
    if (r->line == 1)
        line = csv_line_without_bom(line);
    if (!r->in_quotes)
        begin_record(r);
    r->record_len += line.len;
    check_bytes(r, line);
    if (csv_line_has_lone_cr(line, r->in_quotes, whole)) {
        fault(r, r->line,
              "a CR alone ends no line: save the file with LF or CRLF line ends");
        give_up_record(r);
        return false;
    }
    if (!r->delimiter_known && !csv_line_is_empty(line)) {
        csv_set_delim(&r->parser, (unsigned char)csv_line_delimiter(line));
        r->delimiter_known = true;
    }
    return parse_line(r, line);
}

/* The line is copied, since what cannot be read is forgotten on the way. */
static bool read_line(struct csv_reader *r, struct span line, bool whole)
{
    if (!r->on_line)
        return read_text(r, line, whole);
    char *copy = mem_span(line);
    bool is_blank = !r->in_quotes && csv_line_is_empty(line);
    bool found = read_text(r, line, whole);
    const struct csv_line told = {.text = {copy, line.len - !whole},
                                  .number = r->line,
                                  .ends_record = !r->in_quotes && !is_blank,
                                  .delimiter = (char)csv_get_delim(&r->parser)};
    r->on_line(r->on_line_ctx, &told);
    free(copy);
    return found;
}

static void hand_out(struct csv_reader *r, struct csv_record *out)
{
    *out = (struct csv_record){r->record_line, csv_fields_stand(&r->fields),
                               r->fields.count};
}

/* ---- from pieces to lines ---- */

/* True when `piece` completes a line that is worth reading; then *line is it. */
static bool complete_line(struct csv_reader *r, struct span piece, bool ends_line,
                          struct span *line)
{
    if (r->skipping) {
        r->skipping = !ends_line;
        return false;
    }
    if (r->record_len + r->carry.len + piece.len > CSV_RECORD_MAX) {
        tell_too_long(r);
        give_up_record(r);
        r->skipping = !ends_line;
        return false;
    }
    *line = piece;
    if (ends_line && r->carry.len == 0)
        return true;
    buf_add_span(&r->carry, piece);
    *line = buf_span(&r->carry);
    return ends_line;
}

bool csv_reader_next(struct csv_reader *r, struct span *bytes, struct csv_record *out)
{
    while (bytes->len) {
        bool ends_line, found = false;
        struct span line, piece = csv_line_take(bytes, &ends_line);
        if (complete_line(r, piece, ends_line, &line)) {
            found = read_line(r, line, true);
            buf_clear(&r->carry);
        }
        r->line += ends_line;
        if (found) {
            hand_out(r, out);
            return true;
        }
    }
    return false;
}

bool csv_reader_end(struct csv_reader *r, struct csv_record *out)
{
    bool found = false;
    if (r->carry.len) {
        buf_add_char(&r->carry, '\n');
        found = read_line(r, buf_span(&r->carry), false);
    }
    if (r->in_quotes)
        fault(r, r->quote_line, "the quote that opens here is never closed");
    if (found)
        hand_out(r, out);
    return found;
}
