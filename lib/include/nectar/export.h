/* What is part of the library's interface; everything else in libnectar.so is hidden. */
#ifndef NECTAR_EXPORT_H
#define NECTAR_EXPORT_H

#define NECTAR_API __attribute__((visibility("default")))

#endif
