using System.Globalization;
using Rqlite.Pg.Dialect.Data;
using Rqlite.Pg.Dialect.Syntax;
using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect.Binding;

/// <summary>Conversions as nodes of the tree (PostgreSQL's parse_coerce.c).</summary>
internal sealed partial class Resolver
{
    /// <summary>Converts to a type and its modifier (coerce_to_target_type).</summary>
    /// <param name="location">The place of a cast that was written, else none.</param>
    /// <returns>Null if the context does not allow the conversion.</returns>
    /// <exception cref="DialectException">A literal is no value of the type.</exception>
    public BoundExpression? Coerce(BoundExpression value, PgType target, CoercionContext context, CallForm form, Location location)
    {
        if (!_rules.CanCoerce(value.Type.Oid, target.Oid, context))
        {
            return null;
        }

        // A COLLATE stays on top: the conversion goes below it.
        var inner = value;
        while (inner is CollateExpr collate)
        {
            inner = collate.Argument;
        }

        var result = CoerceType(inner, target, context, form, location);
        result = CoerceModifier(result, target, context, form, location, hide: !ReferenceEquals(result, inner) && result is not Const);
        return value is CollateExpr top && _types.CollationOf(target.Oid) != 0
            ? new CollateExpr(result, top.Collation, top.Location)
            : result;
    }

    /// <summary>Converts to a type, where the conversion is known to be possible (coerce_type).</summary>
    private BoundExpression CoerceType(BoundExpression value, PgType target, CoercionContext context, CallForm form, Location location)
    {
        var source = value.Type.Oid;
        if (source == target.Oid || target.Oid is PgTypes.Any or PgTypes.AnyElement or PgTypes.AnyNonArray or PgTypes.AnyCompatible
            or PgTypes.AnyCompatibleNonArray)
        {
            return value;
        }

        if (source != PgTypes.Unknown && TypeLookup.IsPolymorphic(target.Oid))
        {
            // The argument shows its actual type, which must not be a domain here.
            var under = _types.BaseOf(source);
            return under == source ? value : new RelabelExpr(value, form, new PgType(under), 0, location);
        }

        switch (value)
        {
            case Const { Type.Oid: PgTypes.Unknown } literal:
                return ReadLiteral(literal, target, context, form, location);
            case Param { Type.Oid: PgTypes.Unknown } parameter:
                return Decide(parameter, target.Oid, location);
            case CollateExpr collate:
                var inner = CoerceType(collate.Argument, target, context, form, location);
                return _types.CollationOf(target.Oid) != 0 ? new CollateExpr(inner, collate.Collation, collate.Location) : inner;
        }

        return _rules.Find(source, target.Oid, context, out var function) switch
        {
            CoercionPath.None => CoerceRow(value, target, context, form, location),
            CoercionPath.Relabel => RelabelAs(value, target, context, form, location),
            var path => Convert(value, path, function, target, context, form, location),
        };
    }

    /// <summary>A parameter takes the first type that is asked of it.</summary>
    private Param Decide(Param parameter, uint type, Location location)
    {
        _context.Parameters.Decide(parameter.Number, new PgType(type), parameter.Location);
        var leftmost = location.Offset >= 0 && (parameter.Location.Offset < 0 || location.Offset < parameter.Location.Offset)
            ? location : parameter.Location;
        return new Param(parameter.Number, new PgType(type), _types.CollationOf(type), leftmost);
    }

    /// <summary>Reads a literal as its type; where only the session can read it, it is converted when the statement runs.</summary>
    private BoundExpression ReadLiteral(Const literal, PgType target, CoercionContext context, CallForm form, Location location)
    {
        var under = _types.BaseOf(target);

        // Lengths are fitted afterwards, since input functions do it as on assignment. An interval's fields tell how its text is read.
        var type = new PgType(under.Oid, under.Oid == PgTypes.Interval ? under.Modifier : -1);
        var collation = _types.CollationOf(type.Oid);
        BoundExpression result;
        try
        {
            var text = literal.Text is null ? null : _literals.Read(literal.Text, type);
            if (literal.Text is null)
            {
                _literals.ReadNull(type.Oid);
            }

            result = text is null && literal.Text is not null
                ? new CoerceViaIOExpr(literal, form, type, collation, literal.Location)
                : literal with { Text = text, Type = type, Collation = collation };
        }
        catch (TypeException exception)
        {
            throw _context.Error(exception, literal.Location);
        }

        return under.Oid == target.Oid ? result : CoerceToDomain(result, under, target.Oid, context, form, location, hide: false);
    }

    /// <summary>A conversion by a function, by the text form or element by element.</summary>
    private BoundExpression Convert(
        BoundExpression value, CoercionPath path, uint function, PgType target, CoercionContext context, CallForm form, Location location)
    {
        var under = _types.BaseOf(target);
        var result = Build(value, path, function, under, context, form, location);
        return under.Oid == target.Oid ? result : CoerceToDomain(result, under, target.Oid, context, form, location, hide: true);
    }

    private BoundExpression RelabelAs(BoundExpression value, PgType target, CoercionContext context, CallForm form, Location location) =>
        _types.IsDomain(target.Oid)
            ? CoerceToDomain(value, _types.BaseOf(new PgType(target.Oid)), target.Oid, context, form, location, hide: false)
            : new RelabelExpr(value, form, new PgType(target.Oid), 0, location);

    /// <summary>build_coercion_expression.</summary>
    private BoundExpression Build(
        BoundExpression value, CoercionPath path, uint function, PgType target, CoercionContext context, CallForm form, Location location)
    {
        switch (path)
        {
            case CoercionPath.Function:
                return BuildCall(value, Builtins.FindFunction(function)!, target, context, form, location);
            case CoercionPath.Array:
                var source = _types.BaseOf(value.Type);
                var test = new CaseTestExpr(new PgType(_types.ElementOf(source.Oid), source.Modifier), 0);
                var element = Coerce(test, new PgType(_types.ElementOf(target.Oid), target.Modifier), context, form, location)!;
                return new ArrayCoerceExpr(value, element, form, new PgType(target.Oid, element.Type.Modifier), 0, location);
            default:
                return new CoerceViaIOExpr(value, form, new PgType(target.Oid), 0, location);
        }
    }

    /// <summary>A call of a cast's function, which may take the modifier and whether the cast was written.</summary>
    private static FuncExpr BuildCall(
        BoundExpression value, PgFunction function, PgType target, CoercionContext context, CallForm form, Location location)
    {
        var arguments = new BoundExpression[function.Arguments.Count];
        arguments[0] = value;
        if (arguments.Length > 1)
        {
            arguments[1] = new Const(target.Modifier.ToString(CultureInfo.InvariantCulture), new PgType(PgTypes.Int4), 0, Location.None);
        }

        if (arguments.Length > 2)
        {
            arguments[2] = new Const(context == CoercionContext.Explicit ? "t" : "f", new PgType(PgTypes.Bool), 0, Location.None);
        }

        var type = target with { Modifier = arguments.Length > 1 ? target.Modifier : -1 };
        return new FuncExpr(
            function, NodeList.Create<BoundExpression>(arguments), form, Variadic: false, type, Collation: 0, InputCollation: 0, location);
    }

    /// <summary>coerce_to_domain.</summary>
    /// <param name="under">The type under the domain with the modifier that it gives.</param>
    /// <param name="hide">The conversion below is not to be printed.</param>
    private CoerceToDomainExpr CoerceToDomain(
        BoundExpression value, PgType under, uint domain, CoercionContext context, CallForm form, Location location, bool hide)
    {
        value = CoerceModifier(hide ? Hide(value) : value, under, context, CallForm.ImplicitCast, location, hide: false);
        return new CoerceToDomainExpr(value, form, new PgType(domain), 0, location);
    }

    /// <summary>Fits a value to the modifier of its type (coerce_type_typmod).</summary>
    private BoundExpression CoerceModifier(
        BoundExpression value, PgType target, CoercionContext context, CallForm form, Location location, bool hide)
    {
        if (value.Type.Modifier == target.Modifier)
        {
            return value;
        }

        value = hide ? Hide(value) : value;
        uint function = 0;
        var path = target.Modifier < 0 ? CoercionPath.None : _rules.FindForModifier(target.Oid, out function);
        return path == CoercionPath.None
            ? Relabel(value, target, form, location)
            : Build(value, path, function, target, context, form, location);
    }

    /// <summary>Shows a value with another modifier (applyRelabelType).</summary>
    private static BoundExpression Relabel(BoundExpression value, PgType target, CallForm form, Location location)
    {
        var collation = value.Collation;
        while (value is RelabelExpr relabel)
        {
            value = relabel.Argument;
        }

        return value is Const constant ? constant with { Type = target, Collation = collation }
            : value.Type == target && value.Collation == collation ? value
            : new RelabelExpr(value, form, target, collation, location);
    }

    /// <summary>hide_coercion_node.</summary>
    private static BoundExpression Hide(BoundExpression value) => value switch
    {
        FuncExpr e => e with { Form = CallForm.ImplicitCast },
        RelabelExpr e => e with { Form = CallForm.ImplicitCast },
        CoerceViaIOExpr e => e with { Form = CallForm.ImplicitCast },
        ArrayCoerceExpr e => e with { Form = CallForm.ImplicitCast },
        CoerceToDomainExpr e => e with { Form = CallForm.ImplicitCast },
        _ => value,
    };

    /// <summary>Rows: a record as a row of a relation, field by field; a row type as record.</summary>
    private BoundExpression CoerceRow(BoundExpression value, PgType target, CoercionContext context, CallForm form, Location location)
    {
        if (target.Oid is PgTypes.Record or PgTypes.RecordArray)
        {
            return value;
        }

        if (value.Type.Oid != PgTypes.Record || !_types.IsComposite(target.Oid))
        {
            throw new DialectException(
                "XX000", $"failed to find conversion function from {_types.Format(value.Type.Oid)} to {_types.Format(target.Oid)}");
        }

        var failure = $"cannot cast type record to {_types.Format(target.Oid)}";
        if (value is not RowExpr row)
        {
            throw _context.Error("42846", failure, PlaceOf(location, value));
        }

        var under = _types.BaseOf(target);
        var relation = _context.Schema.FindRelation(_types.FindOwn(under.Oid)!.RelationOid)!;
        var items = new List<BoundExpression>();
        var next = 0;
        foreach (var attribute in relation.Attributes)
        {
            items.Add(attribute.Dropped ? new Const(null, new PgType(PgTypes.Int4), 0, Location.None)
                : next == row.Items.Count
                    ? throw _context.Error("42846", failure, PlaceOf(location, value), detail: "Input has too few columns.")
                : CoerceField(row.Items[next++], attribute, next, failure, context, location));
        }

        if (next < row.Items.Count)
        {
            throw _context.Error("42846", failure, PlaceOf(location, value), detail: "Input has too many columns.");
        }

        var result = new RelabelExpr(row with { Items = NodeList.Create<BoundExpression>(items.ToArray()) }, form, under, 0, location);
        return under.Oid == target.Oid ? result : CoerceToDomain(result, under, target.Oid, context, form, location, hide: false);
    }

    private BoundExpression CoerceField(
        BoundExpression item, Catalog.Attribute attribute, int number, string failure, CoercionContext context, Location location) =>
        Coerce(item, attribute.Type, context, CallForm.ImplicitCast, Location.None) ?? throw _context.Error(
            "42846", failure, PlaceOf(location, item),
            detail: $"Cannot cast type {_types.Format(item.Type.Oid)} to {_types.Format(attribute.Type.Oid)} in column {number}.");

    /// <summary>The place of a cast, or of the value if the cast has none (parser_coercion_errposition).</summary>
    private static Location PlaceOf(Location cast, BoundExpression value) => cast.Offset >= 0 ? cast : ExpressionTree.LocationOf(value);
}
