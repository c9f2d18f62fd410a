/* From bytes to records: RFC 4180, read strictly. Knows no files and no actions.
 *
 * Bytes are pushed in pieces of any size and the records come out one at a time, so that
 * memory stays flat however long the input is, and complaints keep the file's order.
 *
 *   - UTF-8 without NUL; a BOM at the start is dropped.
 *   - Lines end with LF or CRLF; a CR alone is refused outside quotes. Empty lines are
 *     passed over.
 *   - The delimiter is ',', ';' or TAB: given, or what the first line has most of.
 *   - Blanks belong to the field. A quoted field may hold delimiters, line ends and
 *     doubled quotes. A quote inside an unquoted field, and text after a closing quote,
 *     are refused.
 *
 * A record with a fault is told (with the physical line of the fault) and left out;
 * reading goes on at the next line. The mechanics are libcsv's, which counts no lines and
 * trims blanks unless told not to. */
#ifndef REMESA_INTAKE_CSV_H
#define REMESA_INTAKE_CSV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"
#include "intake/complain.h"

#define CSV_FIELD_MAX   (64 * 1024) /* bytes */
#define CSV_RECORD_MAX  (1024 * 1024)
#define CSV_COLUMNS_MAX 4096

/* A physical line, for who wants the file as it stood. */
struct csv_line {
    struct span text; /* in UTF-8, with its line end, which the last one may lack */
    int64_t number;
    bool ends_record; /* also one that cannot be read; an empty line ends none */
    char delimiter;
};

struct keep;

struct csv_options {
    char delimiter;       /* ',', ';' or '\t'; 0: found in the first line */
    const char *encoding; /* of the file: decode.h */
    bool decimal_comma;   /* of its amounts: judge.h */
    void (*on_line)(void *ctx, const struct csv_line *line); /* NULL: nobody asks */
    void *on_line_ctx;
    struct keep *keep; /* keep.h; NULL: nobody wants it */
};

struct csv_record {
    int64_t line; /* where it starts, from 1 */
    const struct span *fields;
    size_t count; /* at least 1 */
};

struct csv_reader;

struct csv_reader *csv_reader_open(const struct csv_options *options, struct listener l);
void csv_reader_close(struct csv_reader *r); /* NULL is fine */

/* Takes bytes off the front of *bytes. true: *out is a record, good until the next call;
 * there may be more in what is left of *bytes. false: all bytes are taken and more are
 * wanted. */
bool csv_reader_next(struct csv_reader *r, struct span *bytes, struct csv_record *out);

/* There are no more bytes. true: *out is the last record, which had no line end. Once
 * only. */
bool csv_reader_end(struct csv_reader *r, struct csv_record *out);

char csv_reader_delimiter(struct csv_reader *r);       /* once the header is read */
int64_t csv_reader_line(const struct csv_reader *r);   /* that the next byte belongs to */
int64_t csv_reader_faults(const struct csv_reader *r); /* complaints made so far */

#endif
