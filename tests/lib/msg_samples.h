/* One message of each type, with every field and list filled. */
#ifndef TESTS_LIB_MSG_SAMPLES_H
#define TESTS_LIB_MSG_SAMPLES_H

#include "common/sys/msg.h"

#define MSG_SAMPLE_TEXT "高新区舜华路积水，附近居民反映排水口堵塞。\n第二段。"

extern const struct hy_msg msg_samples[HY_MSG_TYPE_COUNT];

#endif
