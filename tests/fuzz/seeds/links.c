#include "fuzz/seeds/seed.h"

void seed_links(void)
{
}
