import * as z from 'zod/mini';

/** 8-4-4-4-12 hexadecimal digits, any version, as the RocketRide SDKs accept it. */
export const chatId = z.guid();
