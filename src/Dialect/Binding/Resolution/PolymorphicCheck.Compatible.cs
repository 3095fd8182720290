using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect.Binding;

/// <summary>anycompatible and its kin, whose arguments are converted to a common type.</summary>
internal sealed partial class PolymorphicCheck
{
    private DialectException? CollectSecond(uint actual, uint declared)
    {
        _compatibleNonArray |= declared == PgTypes.AnyCompatibleNonArray;
        _compatibleArrayWanted |= declared == PgTypes.AnyCompatibleArray;
        _compatibleRangeWanted |= declared == PgTypes.AnyCompatibleRange;
        _compatibleMultirangeWanted |= declared == PgTypes.AnyCompatibleMultirange;
        if (actual == PgTypes.Unknown)
        {
            return null;
        }

        switch (declared)
        {
            case PgTypes.AnyCompatibleArray:
                actual = types.BaseOf(actual);
                if (types.ElementOf(actual) is not 0 and var element)
                {
                    _compatible.Add(element);
                    return null;
                }

                return IsNot("anycompatiblearray", "an array", actual);
            case PgTypes.AnyCompatibleRange:
                actual = types.BaseOf(actual);
                if (_compatibleRange != 0)
                {
                    return Keep(ref _compatibleRange, actual, "anycompatiblerange");
                }

                return TakeCompatibleRange(actual) ? null : IsNot("anycompatiblerange", "a range type", actual);
            case PgTypes.AnyCompatibleMultirange:
                actual = types.BaseOf(actual);
                if (_compatibleMultirange != 0)
                {
                    return Keep(ref _compatibleMultirange, actual, "anycompatiblemultirange");
                }

                _compatibleMultirange = actual;
                return types.RangeOf(actual) != 0 ? null : IsNot("anycompatiblemultirange", "a multirange type", actual);
            default:
                _compatible.Add(actual);
                return null;
        }
    }

    private bool TakeCompatibleRange(uint range)
    {
        _compatibleRange = range;
        _compatibleRangeElement = types.RangeSubtype(range);
        if (_compatibleRangeElement != 0)
        {
            _compatible.Add(_compatibleRangeElement);
        }

        return _compatibleRangeElement != 0;
    }

    private DialectException? DeduceCompatibleRange()
    {
        if (_compatibleMultirange == 0)
        {
            return null;
        }

        var range = types.RangeOf(_compatibleMultirange);
        if (_compatibleRange != 0)
        {
            return _compatibleRange == range ? null
                : NotConsistent("anycompatiblemultirange", "anycompatiblerange", _compatibleMultirange, _compatibleRange);
        }

        _compatibleRangeWanted = true;
        return TakeCompatibleRange(range) ? null : IsNot("anycompatiblemultirange", "a multirange type", _compatibleMultirange);
    }

    private void ChooseCompatible()
    {
        if (_compatible.Count == 0)
        {
            (_compatibleType, _compatibleArray) = (PgTypes.Text, PgTypes.TextArray);
            Throw(_compatibleRangeWanted ? FromUnknown("anycompatiblerange")
                : _compatibleMultirangeWanted ? FromUnknown("anycompatiblemultirange") : null);
            return;
        }

        var common = new CommonTypes(types, rules);
        var oids = _compatible.ToArray();
        _compatibleType = common.Select(oids, out _, out var failed, out var before);
        if (failed >= 0)
        {
            throw Mismatch($"argument types {types.Format(before)} and {types.Format(types.BaseOf(oids[failed]))} cannot be matched");
        }

        if (!common.Verify(_compatibleType, oids))
        {
            throw Mismatch("arguments of anycompatible family cannot be cast to a common type");
        }

        if (_compatibleArrayWanted)
        {
            _compatibleArray = RequireArray(_compatibleType);
        }

        CheckCompatibleRange();
        if (_compatibleNonArray && types.BaseElementOf(_compatibleType) != 0)
        {
            throw Mismatch($"type matched to anycompatiblenonarray is an array type: {types.Format(_compatibleType)}");
        }
    }

    private void CheckCompatibleRange()
    {
        if (_compatibleRangeWanted)
        {
            Throw(_compatibleRange == 0 ? FromUnknown("anycompatiblerange")
                : _compatibleRangeElement != _compatibleType ? NotMatching("anycompatiblerange", _compatibleRange) : null);
        }

        if (_compatibleMultirangeWanted)
        {
            Throw(_compatibleMultirange == 0 ? FromUnknown("anycompatiblemultirange")
                : _compatibleRangeElement != _compatibleType ? NotMatching("anycompatiblemultirange", _compatibleMultirange) : null);
        }
    }

    private DialectException NotMatching(string type, uint actual) =>
        Mismatch($"{type} type {types.Format(actual)} does not match anycompatible type {types.Format(_compatibleType)}");

    private void ReplaceCompatible(Span<uint> declared)
    {
        foreach (ref var type in declared)
        {
            type = CompatibleOf(type);
        }
    }

    private uint CompatibleOf(uint declared) => declared switch
    {
        PgTypes.AnyCompatible or PgTypes.AnyCompatibleNonArray => _compatibleType,
        PgTypes.AnyCompatibleArray => _compatibleArray,
        PgTypes.AnyCompatibleRange => _compatibleRange,
        PgTypes.AnyCompatibleMultirange => _compatibleMultirange,
        _ => declared,
    };
}
