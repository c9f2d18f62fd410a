/* cmake/Embed.cmake put the files one.txt, empty.txt and bytes.bin of embed/ into a
 * table. */
#include "base/embed.h"
#include "lib/check.h"

extern const struct embed embedded[];

static void files_come_in_the_order_of_cmake_s_list(void **state)
{
    (void)state;
    assert_string_equal(embedded[0].name, "one.txt");
    assert_string_equal(embedded[1].name, "empty.txt");
    assert_string_equal(embedded[2].name, "bytes.bin");
    assert_null(embedded[3].name);
}

static void every_byte_is_there_and_a_nul_behind_it(void **state)
{
    (void)state;
    static const struct span want[] = {LIT("una; dos \"tres\" \\ ${no}\n"), LIT(""),
                                       LIT("\0\xff\r\n\x1b")};
    for (size_t i = 0; i < COUNT_OF(want); i++) {
        assert_true(span_equal(embedded[i].text, want[i]));
        assert_int_equal(embedded[i].text.ptr[embedded[i].text.len], '\0');
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_come_in_the_order_of_cmake_s_list),
        cmocka_unit_test(every_byte_is_there_and_a_nul_behind_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
