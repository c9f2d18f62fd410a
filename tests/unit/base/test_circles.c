#include "base/circles.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"

#define NODES_MAX 64

/* Edges as a matrix, for writing tests; as lists, for the function. */
struct drawing {
    int32_t nodes;
    bool edge[NODES_MAX][NODES_MAX];
};

static int32_t find(const struct drawing *d, int32_t *circle)
{
    int32_t first[NODES_MAX + 1], to[NODES_MAX * NODES_MAX], n = 0;
    for (int32_t a = 0; a < d->nodes; a++) {
        first[a] = n;
        for (int32_t b = 0; b < d->nodes; b++)
            if (d->edge[a][b])
                to[n++] = b;
    }
    first[d->nodes] = n;
    return circles_find(&(struct graph){d->nodes, first, to}, circle);
}

static void check(int32_t nodes, const char *edges, const char *want)
{
    struct drawing d = {.nodes = nodes};
    int32_t circle[NODES_MAX];
    char got[NODES_MAX + 1] = "";
    for (const char *e = edges; *e; e += 2)
        d.edge[e[0] - 'a'][e[1] - 'a'] = true;
    find(&d, circle);
    for (int32_t i = 0; i < nodes; i++)
        got[i] = circle[i] ? 'o' : '.';
    assert_string_equal(got, want);
}

static void small_drawings(void **state)
{
    (void)state;
    check(0, "", "");
    check(1, "", ".");
    check(1, "aa", "o");
    check(2, "ab", "..");
    check(2, "abba", "oo");
    check(4, "abacbdcd", "....");       /* a diamond */
    check(4, "abbcca", "ooo.");         /* d hangs on nothing */
    check(5, "eaabbccadb", "ooo..");    /* d and e lead into it */
    check(5, "abbaacceec", "ooo.o");    /* two circles with a bridge */
    check(6, "abbccddeefcb", ".oo..."); /* in the middle of a chain */
}

static void each_circle_has_a_number_of_its_own(void **state)
{
    (void)state;
    struct drawing d = {.nodes = 5};
    int32_t circle[NODES_MAX];
    d.edge[0][1] = d.edge[1][0] = d.edge[1][2] = d.edge[2][3] = d.edge[3][2] = true;
    assert_int_equal(find(&d, circle), 4);
    assert_int_equal(circle[0], circle[1]);
    assert_int_equal(circle[2], circle[3]);
    assert_int_not_equal(circle[0], circle[2]);
    assert_int_equal(circle[4], 0);
}

/* A node lies on a circle when it can reach itself: by Warshall's closure, which shares nothing. */
static void random_drawings_agree_with_the_closure(void **state)
{
    (void)state;
    struct rng r;
    rng_init(&r, 7);
    for (int round = 0; round < 3000; round++) {
        struct drawing d = {.nodes = 1 + (int32_t)rng_below(&r, 12)};
        int32_t circle[NODES_MAX];
        for (int i = 0; i < d.nodes * 2; i++)
            d.edge[rng_below(&r, (uint64_t)d.nodes)][rng_below(&r, (uint64_t)d.nodes)] =
                true;
        find(&d, circle);
        for (int k = 0; k < d.nodes; k++)
            for (int i = 0; i < d.nodes; i++)
                for (int j = 0; j < d.nodes; j++)
                    d.edge[i][j] |= d.edge[i][k] && d.edge[k][j];
        for (int i = 0; i < d.nodes; i++) {
            assert_int_equal(circle[i] > 0, d.edge[i][i]);
            for (int j = 0; j < d.nodes; j++)
                if (circle[i] && circle[j])
                    assert_int_equal(circle[i] == circle[j],
                                     d.edge[i][j] && d.edge[j][i]);
        }
    }
}

static void a_million_in_a_row_take_no_stack(void **state)
{
    (void)state;
    const int32_t n = 1000000;
    int32_t *first = calloc((size_t)n + 1, sizeof(*first)),
            *to = calloc((size_t)n, sizeof(*to));
    int32_t *circle = calloc((size_t)n, sizeof(*circle));
    for (int32_t i = 0; i < n; i++) {
        first[i] = i;
        to[i] = (i + 1) % n;
    }
    first[n] = n;
    assert_int_equal(circles_find(&(struct graph){n, first, to}, circle), n);
    first[n] = n - 1; /* the last edge is gone: a chain */
    assert_int_equal(circles_find(&(struct graph){n, first, to}, circle), 0);
    free(first);
    free(to);
    free(circle);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(small_drawings),
        cmocka_unit_test(each_circle_has_a_number_of_its_own),
        cmocka_unit_test(random_drawings_agree_with_the_closure),
        cmocka_unit_test(a_million_in_a_row_take_no_stack),
    };
    return cmocka_run_group_tests_name("circles", tests, NULL, NULL);
}
