/** The order that codecs are measured with: about 50 strings, one of them not ASCII; 1,299 bytes in Binary. */
import type { Address, Item, Order } from "./gen/order.ts"

const address = (number: number): Address => ({
  street: `${100 + number} Market Street`,
  city: "San Francisco",
  zip: "94105",
  country: 840,
  lat: 37.7749 + number,
  lon: -122.4194
})

const item = (_: unknown, index: number): Item => ({
  id: BigInt(9_000_000_000 + index),
  sku: `SKU-00${index}-ABCDEF`,
  qty: index + 1,
  price: 9.99 * (index + 1),
  tags: ["new", "sale", "blue"].slice(0, 1 + (index % 3))
})

export const order: Order = {
  id: 7_234_567_890_123n,
  customer: "Jane Q. Public",
  email: "jane.public@example.com",
  paid: true,
  status: 3,
  createdAt: 1_763_689_636_123n,
  total: 1234.56,
  ship: address(1),
  bill: address(2),
  items: Array.from({ length: 5 }, item),
  attrs: new Map([
    ["color", "blue"],
    ["size", "XL"],
    ["channel", "web"],
    ["campaign", "black-friday"],
    ["region", "us-west-2"],
    ["abtest", "variant-b"]
  ]),
  codes: [1, 22, 333, 4444, 55555, 666666, 7, 88, 999, 1010],
  notes: ["leave at door", "call on arrival", "merci beaucoup, à bientôt"],
  token: new TextEncoder().encode("0123456789abcdef0123456789abcdef"),
  flags: 513,
  prio: 2,
  coupon: "SAVE10",
  counters: new Map([
    ["views", 12n],
    ["clicks", 345n],
    ["carts", 6n],
    ["orders", 1n]
  ]),
  refs: [1_000_000_000_001n, 1_000_000_000_002n, 1_000_000_000_003n, 4n, 5n],
  comment: "The quick brown fox jumps over the lazy dog, then naps. ".repeat(4).slice(0, 200)
}
