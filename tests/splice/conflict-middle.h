#ifndef EXAMPLE_H
#define EXAMPLE_H

#define EXAMPLE_FIRST 1

=======
#define EXAMPLE_NEW 3
#endif
