#ifndef EXAMPLE_H
#define EXAMPLE_H

#define EXAMPLE_FIRST 1

>>>>>>> theirs
struct s { int a; };
#endif
