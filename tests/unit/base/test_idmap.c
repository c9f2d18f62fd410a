#include "base/idmap.h"
#include "base/rng.h"
#include "lib/check.h"

#define NAIVE_ROOM 512

/* The same promises kept in the plainest way. */
struct naive {
    struct idmap_slot slots[NAIVE_ROOM];
    size_t count;
};

static struct idmap_slot *naive_find(struct naive *n, int64_t id)
{
    for (size_t i = 0; i < n->count; i++)
        if (n->slots[i].id == id)
            return &n->slots[i];
    return NULL;
}

static void naive_put(struct naive *n, int64_t id, void *value)
{
    struct idmap_slot *slot = naive_find(n, id);
    if (!slot)
        slot = &n->slots[n->count++];
    *slot = (struct idmap_slot){id, value};
}

static void *naive_take(struct naive *n, int64_t id)
{
    struct idmap_slot *slot = naive_find(n, id);
    if (!slot)
        return NULL;
    void *value = slot->value;
    *slot = n->slots[--n->count];
    return value;
}

static void an_empty_map_has_nothing(void **state)
{
    (void)state;
    struct idmap m;
    idmap_init(&m);
    assert_null(idmap_get(&m, 1));
    assert_null(idmap_take(&m, 1));
    assert_int_equal(m.count, 0);
    idmap_close(&m);
}

static void put_replaces(void **state)
{
    (void)state;
    struct idmap m;
    int a, b;
    idmap_init(&m);
    idmap_put(&m, 7, &a);
    idmap_put(&m, 7, &b);
    assert_int_equal(m.count, 1);
    assert_ptr_equal(idmap_get(&m, 7), &b);
    assert_ptr_equal(idmap_take(&m, 7), &b);
    assert_null(idmap_take(&m, 7));
    assert_int_equal(m.count, 0);
    idmap_close(&m);
}

static void takes_ids_at_the_ends_of_the_range(void **state)
{
    (void)state;
    struct idmap m;
    int a, b;
    idmap_init(&m);
    idmap_put(&m, 1, &a);
    idmap_put(&m, INT64_MAX, &b);
    assert_ptr_equal(idmap_get(&m, 1), &a);
    assert_ptr_equal(idmap_get(&m, INT64_MAX), &b);
    assert_null(idmap_get(&m, INT64_MAX - 1));
    idmap_close(&m);
}

/* Where an id stands first in a map of `room` slots, asked of the map itself. */
static size_t home_in(size_t room, int64_t id)
{
    struct idmap m;
    int value;
    idmap_init(&m);
    while (m.room < room) /* grows on its own */
        idmap_put(&m, (int64_t)m.count + 1, &value);
    while (m.count)
        idmap_take(&m, (int64_t)m.count);
    idmap_put(&m, id, &value);
    size_t at = 0;
    while (m.slots[at].id != id)
        at++;
    idmap_close(&m);
    return at;
}

/* Ids that all want one of the last two slots of the smallest map, so that runs go round
 * its end. */
static size_t colliding_ids(int64_t *out, size_t want)
{
    size_t n = 0;
    for (int64_t id = 1; n < want; id++)
        if (home_in(16, id) >= 14)
            out[n++] = id;
    return n;
}

static void colliding_ids_survive_every_order_of_removal(void **state)
{
    (void)state;
    enum { N = 6 };
    int64_t ids[N];
    int values[N];
    colliding_ids(ids, N);
    for (int first = 0; first < N; first++)
        for (int second = 0; second < N; second++) {
            struct idmap m;
            idmap_init(&m);
            for (int i = 0; i < N; i++)
                idmap_put(&m, ids[i], &values[i]);
            assert_ptr_equal(idmap_take(&m, ids[first]), &values[first]);
            if (second != first)
                assert_ptr_equal(idmap_take(&m, ids[second]), &values[second]);
            for (int i = 0; i < N; i++)
                assert_ptr_equal(idmap_get(&m, ids[i]),
                                 i == first || i == second ? NULL : &values[i]);
            idmap_close(&m);
        }
}

static void compare_all(const struct idmap *m, struct naive *n)
{
    assert_int_equal(m->count, n->count);
    for (size_t i = 0; i < n->count; i++)
        assert_ptr_equal(idmap_get(m, n->slots[i].id), n->slots[i].value);
}

static void play(uint64_t seed, const int64_t *ids, size_t id_count, int rounds)
{
    static char values[256];
    struct idmap m;
    struct naive n = {0};
    struct rng rng;
    rng_init(&rng, seed);
    idmap_init(&m);
    for (int i = 0; i < rounds; i++) {
        int64_t id = ids[rng_below(&rng, id_count)];
        void *value = &values[rng_below(&rng, sizeof(values))];
        struct idmap_slot *known = naive_find(&n, id);
        switch (rng_below(&rng, 3)) {
        case 0:
            idmap_put(&m, id, value);
            naive_put(&n, id, value);
            break;
        case 1:
            assert_ptr_equal(idmap_take(&m, id), naive_take(&n, id));
            break;
        default:
            assert_ptr_equal(idmap_get(&m, id), known ? known->value : NULL);
        }
        if (i % 1000 == 0)
            compare_all(&m, &n);
    }
    compare_all(&m, &n);
    idmap_close(&m);
}

static void agrees_with_the_naive_map_on_colliding_ids(void **state)
{
    (void)state;
    int64_t ids[24];
    play(1, ids, colliding_ids(ids, COUNT_OF(ids)), 100000);
    play(2, ids, 11, 100000); /* stays in 16 slots: the run goes round the end */
}

static void agrees_with_the_naive_map_on_ids_in_a_row_and_far_apart(void **state)
{
    (void)state;
    int64_t row[NAIVE_ROOM], far[NAIVE_ROOM];
    for (size_t i = 0; i < NAIVE_ROOM; i++) {
        row[i] = (int64_t)i + 1;
        far[i] = (int64_t)(i + 1) << 33;
    }
    play(3, row, NAIVE_ROOM, 50000);
    play(4, far, NAIVE_ROOM, 50000);
}

static void grows_without_losing_anything(void **state)
{
    (void)state;
    struct idmap m;
    static char values[20000];
    idmap_init(&m);
    for (int i = 0; i < 20000; i++)
        idmap_put(&m, i + 1, &values[i]);
    assert_int_equal(m.count, 20000);
    assert_int_equal(m.room & (m.room - 1), 0);
    for (int i = 0; i < 20000; i++)
        assert_ptr_equal(idmap_take(&m, i + 1), &values[i]);
    assert_int_equal(m.count, 0);
    idmap_close(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_map_has_nothing),
        cmocka_unit_test(put_replaces),
        cmocka_unit_test(takes_ids_at_the_ends_of_the_range),
        cmocka_unit_test(colliding_ids_survive_every_order_of_removal),
        cmocka_unit_test(agrees_with_the_naive_map_on_colliding_ids),
        cmocka_unit_test(agrees_with_the_naive_map_on_ids_in_a_row_and_far_apart),
        cmocka_unit_test(grows_without_losing_anything),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
