using Rqlite.Pg.Dialect.Data;
using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect.Binding;

/// <summary>By what means a type is converted to another.</summary>
internal enum CoercionPath : byte
{
    None,

    /// <summary>A function.</summary>
    Function,

    /// <summary>The representations are the same.</summary>
    Relabel,

    /// <summary>Element by element.</summary>
    Array,

    /// <summary>By the text form.</summary>
    ViaText,
}

/// <summary>
/// Which types are converted to which, and how: pg_cast and the rules for what it does not list (PostgreSQL's parse_coerce.c).
/// </summary>
internal sealed class CoercionRules(TypeLookup types)
{
    private readonly Dictionary<(uint Source, uint Target, CoercionContext Context), bool> _known = [];

    /// <summary>can_coerce_type for one value.</summary>
    public bool CanCoerce(uint source, uint target, CoercionContext context)
    {
        if (source == target || target == PgTypes.Any)
        {
            return true;
        }

        if (!_known.TryGetValue((source, target, context), out var can))
        {
            can = TypeLookup.IsPolymorphic(target)
                ? new PolymorphicCheck(types, this).IsConsistent([source], [target], 1)
                : CanCoercePlain(source, target, context);
            _known[(source, target, context)] = can;
        }

        return can;
    }

    /// <summary>can_coerce_type for a list of arguments, whose polymorphic types have to agree.</summary>
    public bool CanCoerce(ReadOnlySpan<uint> sources, ReadOnlySpan<uint> targets, int count, CoercionContext context)
    {
        var polymorphic = false;
        for (var i = 0; i < count; i++)
        {
            if (sources[i] == targets[i] || targets[i] == PgTypes.Any)
            {
                continue;
            }

            if (TypeLookup.IsPolymorphic(targets[i]))
            {
                polymorphic = true;
            }
            else if (!CanCoerce(sources[i], targets[i], context))
            {
                return false;
            }
        }

        return !polymorphic || new PolymorphicCheck(types, this).IsConsistent(sources, targets, count);
    }

    /// <summary>find_coercion_pathway.</summary>
    /// <param name="function">The function of <see cref="CoercionPath.Function"/>, else 0.</param>
    public CoercionPath Find(uint source, uint target, CoercionContext context, out uint function)
    {
        function = 0;
        source = types.BaseOf(source);
        target = types.BaseOf(target);
        if (source == target)
        {
            return CoercionPath.Relabel;
        }

        if (Builtins.FindCast(source, target) is { } cast)
        {
            if (context < ContextOf(cast))
            {
                return CoercionPath.None;
            }

            function = cast.Method == 'f' ? cast.Function : 0;
            return cast.Method switch
            {
                'f' => CoercionPath.Function,
                'i' => CoercionPath.ViaText,
                _ => CoercionPath.Relabel,
            };
        }

        // The vectors are arrays for most purposes, but a conversion to them could have too many dimensions.
        if (target is not (PgTypes.OidVector or PgTypes.Int2Vector)
            && types.ElementOf(target) is not 0 and var targetElement && types.ElementOf(source) is not 0 and var sourceElement
            && Find(sourceElement, targetElement, context, out _) != CoercionPath.None)
        {
            return CoercionPath.Array;
        }

        return (context >= CoercionContext.Assignment && types.CategoryOf(target) == 'S')
            || (context >= CoercionContext.Explicit && types.CategoryOf(source) == 'S')
                ? CoercionPath.ViaText
                : CoercionPath.None;
    }

    /// <summary>find_typmod_coercion_function: how a value is fitted to a modifier of its type.</summary>
    public CoercionPath FindForModifier(uint type, out uint function)
    {
        var element = types.ElementOf(type);
        function = Builtins.FindCast(element != 0 ? element : type, element != 0 ? element : type)?.Function ?? 0;
        return function == 0 ? CoercionPath.None : element != 0 ? CoercionPath.Array : CoercionPath.Function;
    }

    /// <summary>IsBinaryCoercible: a value of the one type is one of the other as it is.</summary>
    public bool IsBinaryCoercible(uint source, uint target)
    {
        if (source == target || target is PgTypes.Any or PgTypes.AnyElement or PgTypes.AnyCompatible)
        {
            return true;
        }

        source = types.BaseOf(source);
        if (source == target)
        {
            return true;
        }

        var fits = target switch
        {
            PgTypes.AnyArray or PgTypes.AnyCompatibleArray => types.ElementOf(source) != 0,
            PgTypes.AnyNonArray or PgTypes.AnyCompatibleNonArray => types.ElementOf(source) == 0,
            PgTypes.AnyEnum => types.IsEnum(source),
            PgTypes.AnyRange or PgTypes.AnyCompatibleRange => types.IsRange(source),
            PgTypes.AnyMultirange or PgTypes.AnyCompatibleMultirange => types.IsMultirange(source),
            PgTypes.Record => types.IsComposite(source),
            PgTypes.RecordArray => types.IsCompositeArray(source),
            _ => false,
        };
        return fits || Builtins.FindCast(source, target) is { Method: 'b', Context: 'i' };
    }

    private bool CanCoercePlain(uint source, uint target, CoercionContext context) => source == PgTypes.Unknown
        || Find(source, target, context, out _) != CoercionPath.None
        || (source == PgTypes.Record && types.IsComposite(target))
        || (target == PgTypes.Record && types.IsComposite(source))
        || (target == PgTypes.RecordArray && types.IsCompositeArray(source));

    private static CoercionContext ContextOf(PgCast cast) => cast.Context switch
    {
        'i' => CoercionContext.Implicit,
        'a' => CoercionContext.Assignment,
        _ => CoercionContext.Explicit,
    };
}
