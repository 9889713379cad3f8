// @ts-nocheck
// Made from bench/order.proto by protobufjs-cli 2.7.1, unchanged below these lines:
//   pbjs -t static-module -w esm --no-comments --no-verify --no-delimited --no-convert --no-create --no-service --no-typeurl bench/order.proto
// What the options leave out has no part in encode and decode.
/*eslint-disable block-scoped-var, id-length, no-control-regex, no-magic-numbers, no-mixed-operators, no-prototype-builtins, no-redeclare, no-shadow, no-var, sort-vars, default-case, jsdoc/require-param*/
import $protobuf from "protobufjs/minimal.js";

const $Reader = $protobuf.Reader, $Writer = $protobuf.Writer, $util = $protobuf.util;
const $Object = $util.global.Object, $undefined = $util.global.undefined, $Error = $util.global.Error, $RangeError = $util.global.RangeError;

const $root = $protobuf.roots["default"] || ($protobuf.roots["default"] = {});

export const bench = $root.bench = (() => {

    const bench = {};

    bench.Address = (function() {

        const Address = function (properties) {
            if (properties)
                for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                    if (properties[keys[i]] != null && keys[i] !== "__proto__")
                        this[keys[i]] = properties[keys[i]];
        };

        Address.prototype.street = "";
        Address.prototype.city = "";
        Address.prototype.zip = "";
        Address.prototype.country = 0;
        Address.prototype.lat = 0;
        Address.prototype.lon = 0;

        Address.encode = function (message, writer, _depth) {
            if (!writer)
                writer = $Writer.create();
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            if (message.street != null && $Object.hasOwnProperty.call(message, "street") && message.street !== "")
                writer.uint32(10).string(message.street);
            if (message.city != null && $Object.hasOwnProperty.call(message, "city") && message.city !== "")
                writer.uint32(18).string(message.city);
            if (message.zip != null && $Object.hasOwnProperty.call(message, "zip") && message.zip !== "")
                writer.uint32(26).string(message.zip);
            if (message.country != null && $Object.hasOwnProperty.call(message, "country") && message.country !== 0)
                writer.uint32(32).int32(message.country);
            if (message.lat != null && $Object.hasOwnProperty.call(message, "lat") && !$Object.is(message.lat, 0))
                writer.uint32(41).double(message.lat);
            if (message.lon != null && $Object.hasOwnProperty.call(message, "lon") && !$Object.is(message.lon, 0))
                writer.uint32(49).double(message.lon);
            if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                for (let i = 0; i < message.$unknowns.length; ++i)
                    writer.raw(message.$unknowns[i]);
            return writer;
        };

        Address.decode = function (reader, length, _end, _depth, _target) {
            if (!(reader instanceof $Reader))
                reader = $Reader.create(reader);
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $Reader.recursionLimit)
                throw $Error("max depth exceeded");
            let end, message, value;
            if (length === $undefined)
                end = reader.len;
            else {
                end = reader.pos + length;
                if (end > reader.len)
                    throw $RangeError("index out of range");
                length = reader.len;
                reader.len = end;
            }
            message = _target || new $root.bench.Address();
            while (reader.pos < end) {
                let start = reader.pos;
                let tag = reader.tag();
                if (tag === _end) {
                    _end = $undefined;
                    break;
                }
                let wireType = tag & 7;
                switch (tag >>>= 3) {
                case 1: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.stringVerify()).length)
                            message.street = value;
                        else
                            delete message.street;
                        continue;
                    }
                case 2: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.stringVerify()).length)
                            message.city = value;
                        else
                            delete message.city;
                        continue;
                    }
                case 3: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.stringVerify()).length)
                            message.zip = value;
                        else
                            delete message.zip;
                        continue;
                    }
                case 4: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.int32())
                            message.country = value;
                        else
                            delete message.country;
                        continue;
                    }
                case 5: {
                        if (wireType !== 1)
                            break;
                        if (!$Object.is(value = reader.double(), 0))
                            message.lat = value;
                        else
                            delete message.lat;
                        continue;
                    }
                case 6: {
                        if (wireType !== 1)
                            break;
                        if (!$Object.is(value = reader.double(), 0))
                            message.lon = value;
                        else
                            delete message.lon;
                        continue;
                    }
                }
                reader.skipType(wireType, _depth, tag);
                if (!reader.discardUnknown) {
                    $util.makeProp(message, "$unknowns", false);
                    (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                }
            }
            if (length !== $undefined) {
                if (reader.pos !== end)
                    throw $RangeError("index out of range");
                reader.len = length;
            }
            if (_end !== $undefined)
                throw $Error("missing end group");
            return message;
        };

        return Address;
    })();

    bench.Item = (function() {

        const Item = function (properties) {
            this.tags = [];
            if (properties)
                for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                    if (properties[keys[i]] != null && keys[i] !== "__proto__")
                        this[keys[i]] = properties[keys[i]];
        };

        Item.prototype.id = $util.Long ? $util.Long.fromBits(0,0,false) : 0;
        Item.prototype.sku = "";
        Item.prototype.qty = 0;
        Item.prototype.price = 0;
        Item.prototype.tags = $util.emptyArray;

        Item.encode = function (message, writer, _depth) {
            if (!writer)
                writer = $Writer.create();
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            if (message.id != null && $Object.hasOwnProperty.call(message, "id") && (typeof message.id === "object" ? message.id.low || message.id.high : message.id !== 0))
                writer.uint32(8).int64(message.id);
            if (message.sku != null && $Object.hasOwnProperty.call(message, "sku") && message.sku !== "")
                writer.uint32(18).string(message.sku);
            if (message.qty != null && $Object.hasOwnProperty.call(message, "qty") && message.qty !== 0)
                writer.uint32(24).int32(message.qty);
            if (message.price != null && $Object.hasOwnProperty.call(message, "price") && !$Object.is(message.price, 0))
                writer.uint32(33).double(message.price);
            if (message.tags != null && message.tags.length)
                for (let i = 0; i < message.tags.length; ++i)
                    writer.uint32(42).string(message.tags[i]);
            if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                for (let i = 0; i < message.$unknowns.length; ++i)
                    writer.raw(message.$unknowns[i]);
            return writer;
        };

        Item.decode = function (reader, length, _end, _depth, _target) {
            if (!(reader instanceof $Reader))
                reader = $Reader.create(reader);
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $Reader.recursionLimit)
                throw $Error("max depth exceeded");
            let end, message, value;
            if (length === $undefined)
                end = reader.len;
            else {
                end = reader.pos + length;
                if (end > reader.len)
                    throw $RangeError("index out of range");
                length = reader.len;
                reader.len = end;
            }
            message = _target || new $root.bench.Item();
            while (reader.pos < end) {
                let start = reader.pos;
                let tag = reader.tag();
                if (tag === _end) {
                    _end = $undefined;
                    break;
                }
                let wireType = tag & 7;
                switch (tag >>>= 3) {
                case 1: {
                        if (wireType !== 0)
                            break;
                        if (typeof (value = reader.int64()) === "object" ? value.low || value.high : value !== 0)
                            message.id = value;
                        else
                            delete message.id;
                        continue;
                    }
                case 2: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.stringVerify()).length)
                            message.sku = value;
                        else
                            delete message.sku;
                        continue;
                    }
                case 3: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.int32())
                            message.qty = value;
                        else
                            delete message.qty;
                        continue;
                    }
                case 4: {
                        if (wireType !== 1)
                            break;
                        if (!$Object.is(value = reader.double(), 0))
                            message.price = value;
                        else
                            delete message.price;
                        continue;
                    }
                case 5: {
                        if (wireType !== 2)
                            break;
                        if (!(message.tags && message.tags.length))
                            message.tags = [];
                        message.tags.push(reader.stringVerify());
                        continue;
                    }
                }
                reader.skipType(wireType, _depth, tag);
                if (!reader.discardUnknown) {
                    $util.makeProp(message, "$unknowns", false);
                    (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                }
            }
            if (length !== $undefined) {
                if (reader.pos !== end)
                    throw $RangeError("index out of range");
                reader.len = length;
            }
            if (_end !== $undefined)
                throw $Error("missing end group");
            return message;
        };

        return Item;
    })();

    bench.Order = (function() {

        const Order = function (properties) {
            this.items = [];
            this.attrs = {};
            this.codes = [];
            this.notes = [];
            this.counters = {};
            this.refs = [];
            if (properties)
                for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                    if (properties[keys[i]] != null && keys[i] !== "__proto__")
                        this[keys[i]] = properties[keys[i]];
        };

        Order.prototype.id = $util.Long ? $util.Long.fromBits(0,0,false) : 0;
        Order.prototype.customer = "";
        Order.prototype.email = "";
        Order.prototype.paid = false;
        Order.prototype.status = 0;
        Order.prototype.createdAt = $util.Long ? $util.Long.fromBits(0,0,false) : 0;
        Order.prototype.total = 0;
        Order.prototype.ship = null;
        Order.prototype.bill = null;
        Order.prototype.items = $util.emptyArray;
        Order.prototype.attrs = $util.emptyObject;
        Order.prototype.codes = $util.emptyArray;
        Order.prototype.notes = $util.emptyArray;
        Order.prototype.token = $util.newBuffer([]);
        Order.prototype.flags = 0;
        Order.prototype.prio = 0;
        Order.prototype.coupon = "";
        Order.prototype.counters = $util.emptyObject;
        Order.prototype.refs = $util.emptyArray;
        Order.prototype.comment = "";

        Order.encode = function (message, writer, _depth) {
            if (!writer)
                writer = $Writer.create();
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            if (message.id != null && $Object.hasOwnProperty.call(message, "id") && (typeof message.id === "object" ? message.id.low || message.id.high : message.id !== 0))
                writer.uint32(8).int64(message.id);
            if (message.customer != null && $Object.hasOwnProperty.call(message, "customer") && message.customer !== "")
                writer.uint32(18).string(message.customer);
            if (message.email != null && $Object.hasOwnProperty.call(message, "email") && message.email !== "")
                writer.uint32(26).string(message.email);
            if (message.paid != null && $Object.hasOwnProperty.call(message, "paid") && message.paid !== false)
                writer.uint32(32).bool(message.paid);
            if (message.status != null && $Object.hasOwnProperty.call(message, "status") && message.status !== 0)
                writer.uint32(40).int32(message.status);
            if (message.createdAt != null && $Object.hasOwnProperty.call(message, "createdAt") && (typeof message.createdAt === "object" ? message.createdAt.low || message.createdAt.high : message.createdAt !== 0))
                writer.uint32(48).int64(message.createdAt);
            if (message.total != null && $Object.hasOwnProperty.call(message, "total") && !$Object.is(message.total, 0))
                writer.uint32(57).double(message.total);
            if (message.ship != null && $Object.hasOwnProperty.call(message, "ship"))
                $root.bench.Address.encode(message.ship, writer.uint32(66).fork(), _depth + 1).ldelim();
            if (message.bill != null && $Object.hasOwnProperty.call(message, "bill"))
                $root.bench.Address.encode(message.bill, writer.uint32(74).fork(), _depth + 1).ldelim();
            if (message.items != null && message.items.length)
                for (let i = 0; i < message.items.length; ++i)
                    $root.bench.Item.encode(message.items[i], writer.uint32(82).fork(), _depth + 1).ldelim();
            if (message.attrs != null && $Object.hasOwnProperty.call(message, "attrs"))
                for (let keys = $Object.keys(message.attrs), i = 0; i < keys.length; ++i)
                    writer.uint32(90).fork().uint32(10).string(keys[i]).uint32(18).string(message.attrs[keys[i]]).ldelim();
            if (message.codes != null && message.codes.length)
                writer.uint32(98).int32s(message.codes);
            if (message.notes != null && message.notes.length)
                for (let i = 0; i < message.notes.length; ++i)
                    writer.uint32(106).string(message.notes[i]);
            if (message.token != null && $Object.hasOwnProperty.call(message, "token") && message.token.length)
                writer.uint32(114).bytes(message.token);
            if (message.flags != null && $Object.hasOwnProperty.call(message, "flags") && message.flags !== 0)
                writer.uint32(120).int32(message.flags);
            if (message.prio != null && $Object.hasOwnProperty.call(message, "prio") && message.prio !== 0)
                writer.uint32(128).int32(message.prio);
            if (message.coupon != null && $Object.hasOwnProperty.call(message, "coupon") && message.coupon !== "")
                writer.uint32(138).string(message.coupon);
            if (message.counters != null && $Object.hasOwnProperty.call(message, "counters"))
                for (let keys = $Object.keys(message.counters), i = 0; i < keys.length; ++i)
                    writer.uint32(146).fork().uint32(10).string(keys[i]).uint32(16).int64(message.counters[keys[i]]).ldelim();
            if (message.refs != null && message.refs.length)
                writer.uint32(154).int64s(message.refs);
            if (message.comment != null && $Object.hasOwnProperty.call(message, "comment") && message.comment !== "")
                writer.uint32(162).string(message.comment);
            if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                for (let i = 0; i < message.$unknowns.length; ++i)
                    writer.raw(message.$unknowns[i]);
            return writer;
        };

        Order.decode = function (reader, length, _end, _depth, _target) {
            if (!(reader instanceof $Reader))
                reader = $Reader.create(reader);
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $Reader.recursionLimit)
                throw $Error("max depth exceeded");
            let end, message, key, value;
            if (length === $undefined)
                end = reader.len;
            else {
                end = reader.pos + length;
                if (end > reader.len)
                    throw $RangeError("index out of range");
                length = reader.len;
                reader.len = end;
            }
            message = _target || new $root.bench.Order();
            while (reader.pos < end) {
                let start = reader.pos;
                let tag = reader.tag();
                if (tag === _end) {
                    _end = $undefined;
                    break;
                }
                let wireType = tag & 7;
                switch (tag >>>= 3) {
                case 1: {
                        if (wireType !== 0)
                            break;
                        if (typeof (value = reader.int64()) === "object" ? value.low || value.high : value !== 0)
                            message.id = value;
                        else
                            delete message.id;
                        continue;
                    }
                case 2: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.stringVerify()).length)
                            message.customer = value;
                        else
                            delete message.customer;
                        continue;
                    }
                case 3: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.stringVerify()).length)
                            message.email = value;
                        else
                            delete message.email;
                        continue;
                    }
                case 4: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.bool())
                            message.paid = value;
                        else
                            delete message.paid;
                        continue;
                    }
                case 5: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.int32())
                            message.status = value;
                        else
                            delete message.status;
                        continue;
                    }
                case 6: {
                        if (wireType !== 0)
                            break;
                        if (typeof (value = reader.int64()) === "object" ? value.low || value.high : value !== 0)
                            message.createdAt = value;
                        else
                            delete message.createdAt;
                        continue;
                    }
                case 7: {
                        if (wireType !== 1)
                            break;
                        if (!$Object.is(value = reader.double(), 0))
                            message.total = value;
                        else
                            delete message.total;
                        continue;
                    }
                case 8: {
                        if (wireType !== 2)
                            break;
                        message.ship = $root.bench.Address.decode(reader, reader.size(), $undefined, _depth + 1, message.ship);
                        continue;
                    }
                case 9: {
                        if (wireType !== 2)
                            break;
                        message.bill = $root.bench.Address.decode(reader, reader.size(), $undefined, _depth + 1, message.bill);
                        continue;
                    }
                case 10: {
                        if (wireType !== 2)
                            break;
                        if (!(message.items && message.items.length))
                            message.items = [];
                        message.items.push($root.bench.Item.decode(reader, reader.size(), $undefined, _depth + 1));
                        continue;
                    }
                case 11: {
                        if (wireType !== 2)
                            break;
                        if (message.attrs === $util.emptyObject)
                            message.attrs = {};
                        let end2 = reader.size() + reader.pos;
                        if (end2 > reader.len)
                            throw $RangeError("index out of range");
                        reader.len = end2;
                        key = "";
                        value = "";
                        while (reader.pos < end2) {
                            let tag2 = reader.tag();
                            wireType = tag2 & 7;
                            switch (tag2 >>>= 3) {
                            case 1:
                                if (wireType !== 2)
                                    break;
                                key = reader.stringVerify();
                                continue;
                            case 2:
                                if (wireType !== 2)
                                    break;
                                value = reader.stringVerify();
                                continue;
                            }
                            reader.skipType(wireType, _depth, tag2);
                        }
                        if (reader.pos !== end2)
                            throw $RangeError("index out of range");
                        reader.len = end;
                        if (key === "__proto__")
                            $util.makeProp(message.attrs, key);
                        message.attrs[key] = value;
                        continue;
                    }
                case 12: {
                        if (wireType === 2) {
                            if (!(message.codes && message.codes.length))
                                message.codes = [];
                            reader.int32s(message.codes);
                            continue;
                        }
                        if (wireType !== 0)
                            break;
                        if (!(message.codes && message.codes.length))
                            message.codes = [];
                        message.codes.push(reader.int32());
                        continue;
                    }
                case 13: {
                        if (wireType !== 2)
                            break;
                        if (!(message.notes && message.notes.length))
                            message.notes = [];
                        message.notes.push(reader.stringVerify());
                        continue;
                    }
                case 14: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.bytes()).length)
                            message.token = value;
                        else
                            delete message.token;
                        continue;
                    }
                case 15: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.int32())
                            message.flags = value;
                        else
                            delete message.flags;
                        continue;
                    }
                case 16: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.int32())
                            message.prio = value;
                        else
                            delete message.prio;
                        continue;
                    }
                case 17: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.stringVerify()).length)
                            message.coupon = value;
                        else
                            delete message.coupon;
                        continue;
                    }
                case 18: {
                        if (wireType !== 2)
                            break;
                        if (message.counters === $util.emptyObject)
                            message.counters = {};
                        let end2 = reader.size() + reader.pos;
                        if (end2 > reader.len)
                            throw $RangeError("index out of range");
                        reader.len = end2;
                        key = "";
                        value = $util.Long ? $util.Long.fromNumber(0, false) : 0;
                        while (reader.pos < end2) {
                            let tag2 = reader.tag();
                            wireType = tag2 & 7;
                            switch (tag2 >>>= 3) {
                            case 1:
                                if (wireType !== 2)
                                    break;
                                key = reader.stringVerify();
                                continue;
                            case 2:
                                if (wireType !== 0)
                                    break;
                                value = reader.int64();
                                continue;
                            }
                            reader.skipType(wireType, _depth, tag2);
                        }
                        if (reader.pos !== end2)
                            throw $RangeError("index out of range");
                        reader.len = end;
                        if (key === "__proto__")
                            $util.makeProp(message.counters, key);
                        message.counters[key] = value;
                        continue;
                    }
                case 19: {
                        if (wireType === 2) {
                            if (!(message.refs && message.refs.length))
                                message.refs = [];
                            reader.int64s(message.refs);
                            continue;
                        }
                        if (wireType !== 0)
                            break;
                        if (!(message.refs && message.refs.length))
                            message.refs = [];
                        message.refs.push(reader.int64());
                        continue;
                    }
                case 20: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.stringVerify()).length)
                            message.comment = value;
                        else
                            delete message.comment;
                        continue;
                    }
                }
                reader.skipType(wireType, _depth, tag);
                if (!reader.discardUnknown) {
                    $util.makeProp(message, "$unknowns", false);
                    (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                }
            }
            if (length !== $undefined) {
                if (reader.pos !== end)
                    throw $RangeError("index out of range");
                reader.len = length;
            }
            if (_end !== $undefined)
                throw $Error("missing end group");
            return message;
        };

        return Order;
    })();

    return bench;
})();

export {
  $root as default
};
