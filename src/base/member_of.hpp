// A name for the type "pointer to a data member", which is hard to read where it is written out.
#pragma once

namespace bru {

/// Points to a member of type Value in any object of type Object: `object.*member` is that member.
template <class Object, class Value>
using MemberOf = Value Object::*;

} // namespace bru
