using Rqlite.Pg.Dialect.Syntax;
using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect.Binding;

/// <summary>Casts, arrays, subscripts and fields.</summary>
internal sealed partial class StatementBinder
{
    private const int DimensionsMax = 6;

    private BoundExpression BindCast(TypeCast cast, Scope scope)
    {
        var type = _resolver.Type(cast.Type);
        BoundExpression value;
        if (cast.Operand is ArrayConstructor array && _types.BaseOf(type) is var target && _types.ElementOf(target.Oid) != 0)
        {
            // The elements are converted one by one, which allows conversions that the array as a whole has not.
            value = BindArray(array, target, scope);
        }
        else
        {
            value = BindExpression(cast.Operand, scope);
        }

        var location = cast.Location.Offset >= 0 ? cast.Location : cast.Type.Location;
        return _resolver.Coerce(value, type, CoercionContext.Explicit, CallForm.ExplicitCast, location)
            ?? throw CannotCast(value, type, Locations.OfCoercion(location, value));
    }

    private DialectException CannotCast(BoundExpression value, PgType type, Location location) => Error(
        SqlState.CannotCoerce, $"cannot cast type {_types.Format(value.Type.Oid)} to {_types.Format(type.Oid)}", location);

    /// <summary>ARRAY[…].</summary>
    /// <param name="target">The array type that a cast around it asks for.</param>
    private ArrayExpr BindArray(ArrayConstructor array, PgType? target, Scope scope)
    {
        var nested = false;
        var items = new BoundExpression[array.Items.Count];
        for (var i = 0; i < items.Length; i++)
        {
            if (array.Items[i] is ArrayConstructor inner)
            {
                items[i] = BindArray(inner, target, scope);
                nested = true;
            }
            else
            {
                items[i] = BindExpression(array.Items[i], scope);
                nested |= _types.ElementOf(items[i].Type.Oid) != 0;
            }
        }

        return FinishArray(array, items, nested, target);
    }

    private ArrayExpr FinishArray(ArrayConstructor array, BoundExpression[] items, bool nested, PgType? target)
    {
        uint arrayType;
        uint itemType;
        if (target is { } asked)
        {
            arrayType = asked.Oid;
            var wanted = new PgType(nested ? arrayType : _types.ElementOf(arrayType), asked.Modifier);
            itemType = wanted.Oid;
            for (var i = 0; i < items.Length; i++)
            {
                items[i] = _resolver.Coerce(items[i], wanted, CoercionContext.Explicit, CallForm.ExplicitCast, Location.None)
                    ?? throw CannotCast(items[i], wanted, Locations.Of(items[i]));
            }
        }
        else
        {
            if (items.Length == 0)
            {
                throw Error(
                    SqlState.IndeterminateDatatype, "cannot determine type of empty array", array.Location,
                    "Explicitly cast to the desired type, for example ARRAY[]::integer[].");
            }

            itemType = _resolver.CommonType(items, "ARRAY", out _);
            arrayType = nested ? itemType : _types.ArrayOf(itemType);
            if (nested ? _types.ElementOf(itemType) == 0 : arrayType == 0)
            {
                throw Error(
                    SqlState.UndefinedObject,
                    $"could not find {(nested ? "element" : "array")} type for data type {_types.Format(itemType)}", array.Location);
            }

            for (var i = 0; i < items.Length; i++)
            {
                items[i] = _resolver.CoerceToCommon(items[i], itemType, "ARRAY");
            }
        }

        return new ArrayExpr([.. items], nested, new PgType(arrayType, items.Length == 0 ? target?.Modifier ?? -1 : Resolver.CommonModifier(items, itemType)), 0, array.Location);
    }

    private BoundExpression BindIndirection(Indirection indirection, Scope scope)
    {
        var result = BindExpression(indirection.Operand, scope);
        return BindSteps(result, indirection.Steps.Span, scope);
    }

    /// <summary>Fields and subscripts; subscripts next to each other are one access to an array of several dimensions.</summary>
    private BoundExpression BindSteps(BoundExpression result, ReadOnlySpan<IndirectionStep> steps, Scope scope)
    {
        var location = Locations.Of(result);
        var subscripts = 0;
        for (var i = 0; i <= steps.Length; i++)
        {
            if (i < steps.Length && steps[i] is SubscriptStep or SliceStep)
            {
                subscripts++;
                continue;
            }

            if (subscripts > 0)
            {
                result = BindSubscripts(result, steps[(i - subscripts)..i], scope);
                subscripts = 0;
            }

            if (i < steps.Length)
            {
                result = steps[i] is FieldStep field
                    ? BindCallOnRow(field.Name, result, scope, location) ?? throw MissingField(result, field.Name, scope, location)
                    : throw Error(SqlState.FeatureNotSupported, "row expansion via \"*\" is not supported here", location);
            }
        }

        return result;
    }

    private DialectException MissingField(BoundExpression value, string field, Scope scope, Location location)
    {
        if (value is Var { Attribute: 0 } row)
        {
            var entry = scope.Up(row.LevelsUp).Relations[row.Relation - 1];
            return Error(SqlState.UndefinedColumn, $"column {entry.Name}.{field} does not exist", location);
        }

        return _types.IsComposite(value.Type.Oid)
            ? Error(SqlState.UndefinedColumn, $"column \"{field}\" not found in data type {_types.Format(value.Type.Oid)}", location)
            : value.Type.Oid == PgTypes.Record
                ? Error(SqlState.UndefinedColumn, $"could not identify column \"{field}\" in record data type", location)
                : Error(
                    SqlState.WrongObjectType,
                    $"column notation .{field} applied to type {_types.Format(value.Type.Oid)}, which is not a composite type", location);
    }

    private SubscriptingExpr BindSubscripts(BoundExpression container, ReadOnlySpan<IndirectionStep> steps, Scope scope)
    {
        var (type, element) = CheckContainer(container);
        if (type.Oid == PgTypes.Jsonb)
        {
            return new SubscriptingExpr(container, BindJsonKeys(steps, scope), null, type, 0, Location.None);
        }

        var upper = BindBounds(steps, scope, out var lower);
        return new SubscriptingExpr(
            container, upper, lower, lower is null ? new PgType(element, type.Modifier) : type, container.Collation, Location.None);
    }

    /// <summary>The type of what subscripts are applied to, and of its elements.</summary>
    private (PgType Type, uint Element) CheckContainer(BoundExpression container)
    {
        var type = ContainerType(container.Type);
        var element = _types.ElementOf(type.Oid);
        if (type.Oid == PgTypes.Name)
        {
            throw Unsupported("a subscript of type name", Locations.Of(container));
        }

        return element != 0 || type.Oid == PgTypes.Jsonb ? (type, element) : throw Error(
            SqlState.DatatypeMismatch, $"cannot subscript type {_types.Format(type.Oid)} because it does not support subscripting",
            Locations.Of(container));
    }

    /// <summary>The type that subscripts apply to: under a domain, and int2vector and oidvector are arrays.</summary>
    private PgType ContainerType(PgType type) => _types.BaseOf(type) switch
    {
        { Oid: PgTypes.Int2Vector } => new PgType(PgTypes.Int2Array),
        { Oid: PgTypes.OidVector } => new PgType(PgTypes.OidArray),
        var plain => plain,
    };

    /// <summary>The bounds of subscripts; where one is a slice, all are.</summary>
    private NodeList<BoundExpression?> BindBounds(
        ReadOnlySpan<IndirectionStep> steps, Scope scope, out NodeList<BoundExpression?>? lower)
    {
        var slice = false;
        foreach (var step in steps)
        {
            slice |= step is SliceStep;
        }

        if (steps.Length > DimensionsMax)
        {
            throw Error(
                SqlState.ProgramLimitExceeded,
                $"number of array dimensions ({steps.Length}) exceeds the maximum allowed ({DimensionsMax})");
        }

        var lowers = new List<BoundExpression?>();
        var uppers = new List<BoundExpression?>();
        foreach (var step in steps)
        {
            if (step is SliceStep both)
            {
                lowers.Add(both.Lower is null ? null : BindSubscript(both.Lower, scope));
                uppers.Add(both.Upper is null ? null : BindSubscript(both.Upper, scope));
            }
            else
            {
                lowers.Add(slice ? new Const("1", new PgType(PgTypes.Int4), 0, Location.None) : null);
                uppers.Add(BindSubscript(((SubscriptStep)step).Index, scope));
            }
        }

        lower = slice ? ListOf(lowers) : null;
        return ListOf(uppers);
    }

    private BoundExpression BindSubscript(Expression subscript, Scope scope)
    {
        var value = BindExpression(subscript, scope);
        return _resolver.Coerce(value, new PgType(PgTypes.Int4), CoercionContext.Assignment, CallForm.ImplicitCast, Location.None)
            ?? throw Error(SqlState.DatatypeMismatch, "array subscript must have type integer", Locations.Of(subscript));
    }

    private NodeList<BoundExpression?> BindJsonKeys(ReadOnlySpan<IndirectionStep> steps, Scope scope)
    {
        var keys = new List<BoundExpression?>();
        foreach (var step in steps)
        {
            if (step is SliceStep slice)
            {
                throw Error(
                    SqlState.DatatypeMismatch, "jsonb subscript does not support slices",
                    Locations.Of(slice.Upper ?? slice.Lower));
            }

            keys.Add(CoerceJsonSubscript(BindExpression(((SubscriptStep)step).Index, scope)));
        }

        return ListOf(keys);
    }

    private BoundExpression CoerceJsonSubscript(BoundExpression subscript)
    {
        var target = PgTypes.Text;
        var source = subscript.Type.Oid;
        if (source != PgTypes.Unknown)
        {
            var integer = _resolver.CanCoerce(source, PgTypes.Int4, CoercionContext.Implicit);
            var text = _resolver.CanCoerce(source, PgTypes.Text, CoercionContext.Implicit);
            if (integer == text)
            {
                throw Error(
                    SqlState.DatatypeMismatch, $"subscript type {_types.Format(source)} is not supported", Locations.Of(subscript),
                    integer
                        ? "jsonb subscript must be coercible to only one type, integer or text."
                        : "jsonb subscript must be coercible to either integer or text.");
            }

            target = integer ? PgTypes.Int4 : PgTypes.Text;
        }

        return _resolver.Coerce(subscript, new PgType(target), CoercionContext.Implicit, CallForm.ImplicitCast, Location.None)
            ?? throw Error(SqlState.DatatypeMismatch, "jsonb subscript must have text type", Locations.Of(subscript));
    }
}
