#include "sandbox/amount.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/scan.h"

/* Where Ruby's Float#to_s turns to an exponent. The point stands `at` digits after the
 * first one: 0.0001 has at = -3, 1000000000000000.0 has at = 16. */
#define PLAIN_LEAST (-3)
#define PLAIN_MOST  16

bool amount_read(struct span text, struct decimal *out)
{
    return decimal_parse_json(scan_trim(text), out);
}

static void print_plain(const char *digits, int count, int at, struct buf *out)
{
    for (int i = at < 1 ? at - 1 : 0; i < count || i < at + 1; i++) {
        if (i == at)
            buf_add_char(out, '.');
        buf_add_char(out, i >= 0 && i < count ? digits[i] : '0');
    }
}

void amount_print(struct decimal d, struct buf *out)
{
    char digits[DECIMAL_TEXT_MAX];
    uint64_t size = d.units < 0 ? -(uint64_t)d.units : (uint64_t)d.units;
    int count = snprintf(digits, sizeof(digits), "%" PRIu64, size);
    int at = size == 0 ? 1 : count - d.places;
    while (count > 1 && digits[count - 1] == '0')
        count--;
    if (d.units < 0)
        buf_add_char(out, '-');
    if (at >= PLAIN_LEAST && at <= PLAIN_MOST) {
        print_plain(digits, count, at, out);
        return;
    }
    print_plain(digits, count, 1, out);
    buf_printf(out, "e%+03d", at - 1);
}
