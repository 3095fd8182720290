using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect.Binding;

/// <summary>
/// The types that polymorphic arguments stand for in one call: whether they agree (check_generic_type_consistency), and what they make of
/// the declared types and of the result (enforce_generic_type_consistency).
/// </summary>
internal sealed partial class PolymorphicCheck(TypeLookup types, CoercionRules rules)
{
    private readonly List<uint> _compatible = [];
    private int _first;
    private bool _second;
    private bool _firstUnknown;
    private bool _nonArray;
    private bool _enum;
    private bool _multirangeWanted;
    private bool _compatibleNonArray;
    private bool _compatibleArrayWanted;
    private bool _compatibleRangeWanted;
    private bool _compatibleMultirangeWanted;
    private uint _element;
    private uint _array;
    private uint _range;
    private uint _multirange;
    private uint _compatibleType;
    private uint _compatibleArray;
    private uint _compatibleRange;
    private uint _compatibleRangeElement;
    private uint _compatibleMultirange;

    /// <summary>True if the arguments may be passed so. An argument of unknown type agrees with any.</summary>
    public bool IsConsistent(ReadOnlySpan<uint> actual, ReadOnlySpan<uint> declared, int count)
    {
        if (Collect(actual, declared, count) is not null || DeduceFirst(strict: false, result: 0) is not null)
        {
            return false;
        }

        if ((_nonArray && types.BaseElementOf(_element) != 0) || (_enum && !types.IsEnum(_element)) || DeduceCompatibleRange() is not null)
        {
            return false;
        }

        if (_compatible.Count == 0)
        {
            return true;
        }

        var common = new CommonTypes(types, rules);
        var oids = _compatible.ToArray();
        var chosen = common.Select(oids, out _, out _, out _);
        return chosen != 0 && common.Verify(chosen, oids)
            && !(_compatibleNonArray && types.BaseElementOf(chosen) != 0)
            && (_compatibleRangeElement == 0 || _compatibleRangeElement == chosen);
    }

    /// <summary>Replaces the declared types of unknown and of compatible arguments by real ones.</summary>
    /// <returns>The type of the result.</returns>
    /// <exception cref="DialectException">42804: the types do not agree, or cannot be told.</exception>
    public uint Resolve(ReadOnlySpan<uint> actual, Span<uint> declared, int count, uint result)
    {
        _nonArray = result == PgTypes.AnyNonArray;
        _enum = result == PgTypes.AnyEnum;
        _multirangeWanted = result == PgTypes.AnyMultirange;
        _compatibleNonArray = result == PgTypes.AnyCompatibleNonArray;
        _compatibleArrayWanted = result == PgTypes.AnyCompatibleArray;
        _compatibleRangeWanted = result == PgTypes.AnyCompatibleRange;
        _compatibleMultirangeWanted = result == PgTypes.AnyCompatibleMultirange;
        Throw(Collect(actual, declared, count));
        if (_first == 0 && !_second)
        {
            return result;
        }

        if (_first > 0)
        {
            Throw(DeduceFirst(strict: true, result));
            Throw(CheckElement());
        }

        if (_second)
        {
            Throw(DeduceCompatibleRange());
            ChooseCompatible();
            ReplaceCompatible(declared[..count]);
        }

        if (_firstUnknown)
        {
            ReplaceUnknown(actual, declared, count);
        }

        return ResultOf(result);
    }

    private static void Throw(DialectException? exception)
    {
        if (exception is not null)
        {
            throw exception;
        }
    }

    private static DialectException Mismatch(string message, string? detail = null) => new("42804", message, detail: detail);

    private static DialectException FromUnknown(string type) =>
        Mismatch($"could not determine polymorphic type {type} because input has type unknown");

    private DialectException NotAlike(string type, uint one, uint other) =>
        Mismatch($"arguments declared \"{type}\" are not all alike", $"{types.Format(one)} versus {types.Format(other)}");

    private DialectException NotConsistent(string type, string otherType, uint one, uint other) => Mismatch(
        $"argument declared {type} is not consistent with argument declared {otherType}",
        $"{types.Format(one)} versus {types.Format(other)}");

    private DialectException IsNot(string type, string what, uint actual) =>
        Mismatch($"argument declared {type} is not {what} but type {types.Format(actual)}");

    private DialectException? Collect(ReadOnlySpan<uint> actual, ReadOnlySpan<uint> declared, int count)
    {
        for (var i = 0; i < count; i++)
        {
            if (TypeLookup.IsFirstFamily(declared[i]))
            {
                _first++;
                if (CollectFirst(actual[i], declared[i]) is { } failure)
                {
                    return failure;
                }
            }
            else if (TypeLookup.IsSecondFamily(declared[i]))
            {
                _second = true;
                if (CollectSecond(actual[i], declared[i]) is { } failure)
                {
                    return failure;
                }
            }
        }

        return null;
    }

    private DialectException? CollectFirst(uint actual, uint declared)
    {
        _nonArray |= declared == PgTypes.AnyNonArray;
        _enum |= declared == PgTypes.AnyEnum;
        _multirangeWanted |= declared == PgTypes.AnyMultirange;
        if (actual == PgTypes.Unknown)
        {
            _firstUnknown = true;
            return null;
        }

        return declared switch
        {
            PgTypes.AnyArray => Keep(ref _array, types.BaseOf(actual), "anyarray"),
            PgTypes.AnyRange => Keep(ref _range, types.BaseOf(actual), "anyrange"),
            PgTypes.AnyMultirange => Keep(ref _multirange, types.BaseOf(actual), "anymultirange"),
            _ => Keep(ref _element, actual, "anyelement"),
        };
    }

    private DialectException? Keep(ref uint kept, uint actual, string type)
    {
        var before = kept;
        kept = actual;
        return before != 0 && before != actual ? NotAlike(type, before, actual) : null;
    }

    /// <summary>Element, range and multirange from each other.</summary>
    /// <param name="strict">
    /// An argument of the pseudo type anyarray itself, as in pg_statistic, is allowed only where it can be passed on.
    /// </param>
    private DialectException? DeduceFirst(bool strict, uint result)
    {
        if (_array == PgTypes.AnyArray)
        {
            if (strict && (_first != 1 || (result != PgTypes.AnyArray && TypeLookup.IsFirstFamily(result))))
            {
                return Mismatch("cannot determine element type of \"anyarray\" argument");
            }

            _element = strict ? PgTypes.AnyElement : _element;
        }
        else if (_array != 0)
        {
            var element = types.ElementOf(_array);
            if (element == 0)
            {
                return IsNot("anyarray", "an array", _array);
            }

            if (_element != 0 && _element != element)
            {
                return NotConsistent("anyarray", "anyelement", _array, _element);
            }

            _element = element;
        }

        return DeduceRange();
    }

    private DialectException? DeduceRange()
    {
        if (_multirange != 0)
        {
            var range = types.RangeOf(_multirange);
            if (range == 0)
            {
                return IsNot("anymultirange", "a multirange type", _multirange);
            }

            if (_range != 0 && _range != range)
            {
                return NotConsistent("anymultirange", "anyrange", _multirange, _range);
            }

            _range = range;
        }
        else if (_multirangeWanted && _range != 0)
        {
            _multirange = types.MultirangeOf(_range);
        }

        if (_range == 0)
        {
            return null;
        }

        var subtype = types.RangeSubtype(_range);
        if (subtype == 0)
        {
            return IsNot("anyrange", "a range type", _range);
        }

        if (_element != 0 && _element != subtype)
        {
            return NotConsistent("anyrange", "anyelement", _range, _element);
        }

        _element = subtype;
        return null;
    }

    private DialectException? CheckElement() => _element == 0
        ? Mismatch("could not determine polymorphic type because input has type unknown")
        : _element == PgTypes.AnyElement ? null
        : _nonArray && types.BaseElementOf(_element) != 0
            ? Mismatch($"type matched to anynonarray is an array type: {types.Format(_element)}")
        : _enum && !types.IsEnum(_element) ? Mismatch($"type matched to anyenum is not an enum type: {types.Format(_element)}")
        : null;

    private void ReplaceUnknown(ReadOnlySpan<uint> actual, Span<uint> declared, int count)
    {
        for (var i = 0; i < count; i++)
        {
            if (actual[i] != PgTypes.Unknown)
            {
                continue;
            }

            declared[i] = declared[i] switch
            {
                PgTypes.AnyElement or PgTypes.AnyNonArray or PgTypes.AnyEnum => _element,
                PgTypes.AnyArray => _array = _array != 0 ? _array : RequireArray(_element),
                PgTypes.AnyRange => _range != 0 ? _range : throw FromUnknown("anyrange"),
                PgTypes.AnyMultirange => _multirange != 0 ? _multirange : throw FromUnknown("anymultirange"),
                var other => other,
            };
        }
    }

    private uint ResultOf(uint result) => result switch
    {
        PgTypes.AnyElement or PgTypes.AnyNonArray or PgTypes.AnyEnum => _element,
        PgTypes.AnyArray => _array != 0 ? _array : RequireArray(_element),
        PgTypes.AnyRange => _range != 0 ? _range : throw FromUnknown("anyrange"),
        PgTypes.AnyMultirange => _multirange != 0 ? _multirange : throw FromUnknown("anymultirange"),
        PgTypes.AnyCompatibleArray => _compatibleArray != 0 ? _compatibleArray : RequireArray(_compatibleType),
        var other => CompatibleOf(other),
    };

    private uint RequireArray(uint element) => types.ArrayOf(element) is not 0 and var array
        ? array
        : throw new DialectException("42704", $"could not find array type for data type {types.Format(element)}");
}
