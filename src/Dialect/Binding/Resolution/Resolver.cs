using Rqlite.Pg.Dialect.Syntax;
using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect.Binding;

/// <summary>
/// Finds what names mean and how types are converted, by the rules of PostgreSQL (manual, chapter 10): types, operators, functions, casts,
/// the common type of several values. One serves one statement.
/// </summary>
internal sealed partial class Resolver
{
    private readonly BindContext _context;
    private readonly TypeLookup _types;
    private readonly CoercionRules _rules;
    private readonly CommonTypes _common;
    private readonly CandidateSelection _selection;
    private readonly LiteralReader _literals;

    public Resolver(BindContext context)
    {
        _context = context;
        _types = new TypeLookup(context);
        _rules = new CoercionRules(_types);
        _common = new CommonTypes(_types, _rules);
        _selection = new CandidateSelection(_types, _rules);
        _literals = new LiteralReader(_types, context.Reads);
    }

    /// <summary>What types are: categories, elements, base types, names for messages.</summary>
    public TypeLookup Types => _types;

    public bool CanCoerce(uint source, uint target, CoercionContext context) => _rules.CanCoerce(source, target, context);

    /// <summary>True if a value of the one type is one of the other without a conversion.</summary>
    public bool IsBinaryCoercible(uint source, uint target) => _rules.IsBinaryCoercible(source, target);

    /// <summary>Converts to the type that a construct asks for, as on assignment (coerce_to_specific_type).</summary>
    /// <exception cref="DialectException">42804.</exception>
    public BoundExpression CoerceTo(BoundExpression value, PgType target, string construct)
    {
        if (value.Type.Oid != target.Oid || target.Modifier >= 0)
        {
            value = Coerce(value, target, CoercionContext.Assignment, CallForm.ImplicitCast, Location.None) ?? throw _context.Error(
                "42804", $"argument of {construct} must be type {_types.Format(target.Oid)}, not type {_types.Format(value.Type.Oid)}",
                ExpressionTree.LocationOf(value));
        }

        return ExpressionTree.ReturnsSet(value)
            ? throw _context.Error("42804", $"argument of {construct} must not return a set", ExpressionTree.LocationOf(value))
            : value;
    }

    public BoundExpression CoerceToBoolean(BoundExpression value, string construct) => CoerceTo(value, new PgType(PgTypes.Bool), construct);

    /// <summary>The type that all values are converted to.</summary>
    /// <param name="construct">What the values stand in, for the message; null to get 0 instead of an error.</param>
    /// <param name="which">The value whose type was chosen; null where there is none.</param>
    /// <exception cref="DialectException">42804: types of different categories.</exception>
    public uint CommonType(IReadOnlyList<BoundExpression> values, string? construct, out BoundExpression? which)
    {
        var oids = OidsOf(values);
        var chosen = _common.Select(oids, out var index, out var failed, out var before);
        which = failed < 0 ? values[index] : null;
        return failed < 0 || construct is null ? chosen : throw _context.Error(
            "42804", $"{construct} types {_types.Format(before)} and {_types.Format(_types.BaseOf(oids[failed]))} cannot be matched",
            ExpressionTree.LocationOf(values[failed]));
    }

    /// <summary>True if all values are converted to a common type implicitly (verify_common_type).</summary>
    public bool VerifyCommonType(uint common, IReadOnlyList<BoundExpression> values) => _common.Verify(common, OidsOf(values));

    /// <summary>The modifier that all values have in common; -1 without one, or where the types differ (select_common_typmod).</summary>
    public static int CommonModifier(IReadOnlyList<BoundExpression> values, uint common)
    {
        foreach (var value in values)
        {
            if (value.Type.Oid != common || value.Type.Modifier != values[0].Type.Modifier)
            {
                return -1;
            }
        }

        return values[0].Type.Modifier;
    }

    /// <summary>Converts to the common type.</summary>
    /// <exception cref="DialectException">42846.</exception>
    public BoundExpression CoerceToCommon(BoundExpression value, uint type, string construct)
    {
        if (value.Type.Oid == type)
        {
            return value;
        }

        return _rules.CanCoerce(value.Type.Oid, type, CoercionContext.Implicit)
            ? CoerceType(value, new PgType(type), CoercionContext.Implicit, CallForm.ImplicitCast, Location.None)
            : throw _context.Error(
                "42846", $"{construct} could not convert type {_types.Format(value.Type.Oid)} to {_types.Format(type)}",
                ExpressionTree.LocationOf(value));
    }

    /// <summary>A name as messages show it: its parts with points between them.</summary>
    private static string Join(NodeList<string> name) => string.Join('.', name);

    private static uint[] OidsOf(IReadOnlyList<BoundExpression> values)
    {
        var oids = new uint[values.Count];
        for (var i = 0; i < oids.Length; i++)
        {
            oids[i] = values[i].Type.Oid;
        }

        return oids;
    }

    /// <summary>Takes a name apart.</summary>
    /// <returns>The schema, null for an unqualified name, and the name proper.</returns>
    private (string? Schema, string Name) Split(NodeList<string> name, Location location) => name.Count switch
    {
        1 => (null, name[0]),
        2 => (name[0], name[1]),
        3 when name[0] == _context.Database => (name[1], name[2]),
        3 => throw _context.Error("0A000", $"cross-database references are not implemented: {Join(name)}", location),
        _ => throw _context.Error("42601", $"improper qualified name (too many dotted names): {Join(name)}", location),
    };

    /// <summary>The schema itself if it exists.</summary>
    /// <exception cref="DialectException">3F000.</exception>
    private string RequireSchema(string schema, Location location) => _context.HasSchema(schema)
        ? schema
        : throw _context.Error("3F000", $"schema \"{schema}\" does not exist", location);
}
