using Rqlite.Pg.Dialect.Data;
using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect.Catalog;

/// <content>Finds objects by the names in texts, as the input functions of the reg types do.</content>
public sealed partial class SchemaNames
{
    public uint? Find(uint type, string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return type switch
        {
            PgTypes.RegClass => FindRelation(name, out var shown)?.Oid ?? throw Missing(SqlState.UndefinedTable, $"relation \"{shown}\" does not exist"),
            PgTypes.RegType => FindType(name) ?? throw Missing(SqlState.UndefinedObject, $"type \"{name}\" does not exist"),
            PgTypes.RegProc => FindFunction(name),
            PgTypes.RegProcedure => FindSignature(name) ?? throw Missing(SqlState.UndefinedFunction, $"function \"{name}\" does not exist"),
            PgTypes.RegOper => FindOperator(name),
            PgTypes.RegOperator => FindOperatorSignature(name) ?? throw Missing(SqlState.UndefinedFunction, $"operator does not exist: {name}"),
            PgTypes.RegNamespace => schema.FindSchema(Single(name))?.Oid
                ?? throw Missing(SqlState.InvalidSchemaName, $"schema \"{Single(name)}\" does not exist"),
            PgTypes.RegRole => FindRole(Single(name)) ?? throw Missing(SqlState.UndefinedObject, $"role \"{Single(name)}\" does not exist"),
            PgTypes.RegCollation => FindCollation(name),
            _ => null,
        };
    }

    /// <summary>The object of a name, as to_regclass and its kin find it: null for none.</summary>
    public uint? TryFind(uint type, string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        try
        {
            return Find(type, name);
        }
        catch (TypeException e) when (e.SqlState is SqlState.UndefinedTable or SqlState.UndefinedObject or SqlState.UndefinedFunction
            or SqlState.InvalidSchemaName or SqlState.AmbiguousFunction)
        {
            return null;
        }
    }

    /// <param name="shown">The name as messages show it.</param>
    public Relation? FindRelation(string name, out string shown)
    {
        var parts = Identifiers.Split(name);
        shown = string.Join('.', parts);
        return parts.Count switch
        {
            1 => VisibleRelation(parts[0]),
            2 => schema.FindRelation(parts[0], parts[1]),
            3 => throw new TypeException(SqlState.FeatureNotSupported, $"cross-database references are not implemented: \"{shown}\""),
            _ => throw new TypeException(SqlState.SyntaxError, $"improper relation name (too many dotted names): {shown}"),
        };
    }

    public uint? FindRole(string name) => name == user
        ? ClassOids.Owner
        : StaticRows.Of("pg_authid").FirstOrDefault(row => row.Text(1) == name)?.Oid(0);

    private uint? FindType(string text)
    {
        if (TypeNames.TryParse(text, out var builtin))
        {
            return builtin.Oid;
        }

        var name = text.AsSpan().Trim();
        var array = false;
        while (name.EndsWith("]") && name.LastIndexOf('[') is var open and >= 0 && !name[(open + 1)..^1].ContainsAnyExceptInRange('0', '9'))
        {
            array = true;
            name = name[..open].TrimEnd();
        }

        var parts = Identifiers.Split(name.ToString());
        var type = parts.Count switch { 1 => VisibleType(parts[0]), 2 => schema.FindType(parts[0], parts[1]), _ => null };
        return type is null ? null : !array ? type.Oid : type.ArrayOid == 0 ? null : type.ArrayOid;
    }

    private static uint FindFunction(string text) => FunctionsOf(text) switch
    {
        [] => throw Missing(SqlState.UndefinedFunction, $"function \"{text}\" does not exist"),
        [var only] => only.Oid,
        _ => throw Missing(SqlState.AmbiguousFunction, $"more than one function named \"{text}\""),
    };

    private static IReadOnlyList<PgFunction> FunctionsOf(string text) =>
        Identifiers.Split(text) is var parts && (parts.Count == 1 || (parts.Count == 2 && parts[0] == "pg_catalog"))
            ? Builtins.FunctionsNamed(parts[^1])
            : [];

    private uint? FindSignature(string text)
    {
        var (name, types) = Signature(text, allowNone: false);
        return FunctionsOf(name).FirstOrDefault(function => function.Arguments.SequenceEqual(types))?.Oid;
    }

    private static uint FindOperator(string text) => OperatorsOf(text) switch
    {
        [] => throw Missing(SqlState.UndefinedFunction, $"operator does not exist: {text}"),
        [var only] => only.Oid,
        _ => throw Missing(SqlState.AmbiguousFunction, $"more than one operator named {text}"),
    };

    private static IReadOnlyList<PgOperator> OperatorsOf(string text)
    {
        var name = text.Trim();
        return Builtins.OperatorsNamed(name.StartsWith("pg_catalog.", StringComparison.Ordinal) ? name["pg_catalog.".Length..] : name);
    }

    private uint? FindOperatorSignature(string text)
    {
        var (name, types) = Signature(text, allowNone: true);
        return types.Count switch
        {
            1 => throw Missing(SqlState.UndefinedParameter, "missing argument"),
            2 => OperatorsOf(name).FirstOrDefault(op => op.Left == types[0] && op.Right == types[1])?.Oid,
            _ => throw Missing(SqlState.TooManyArguments, "too many arguments"),
        };
    }

    /// <summary>Splits <c>name(type, type)</c>. NONE stands for no type.</summary>
    private (string Name, List<uint> Types) Signature(string text, bool allowNone)
    {
        var open = text.IndexOf('(', StringComparison.Ordinal);
        if (open < 0)
        {
            throw new TypeException(SqlState.InvalidTextRepresentation, "expected a left parenthesis");
        }

        var close = text.TrimEnd();
        if (!close.EndsWith(')'))
        {
            throw new TypeException(SqlState.InvalidTextRepresentation, "expected a right parenthesis");
        }

        var types = new List<uint>();
        var inside = close[(open + 1)..^1];
        foreach (var part in inside.Trim().Length == 0 ? [] : inside.Split(','))
        {
            var name = part.Trim();
            types.Add(name.Equals("none", StringComparison.OrdinalIgnoreCase) && allowNone ? 0
                : FindType(name) ?? throw Missing(SqlState.UndefinedObject, $"type \"{name}\" does not exist"));
        }

        return (text[..open], types);
    }

    private static uint FindCollation(string text)
    {
        var parts = Identifiers.Split(text);
        var name = parts.Count == 1 || (parts.Count == 2 && parts[0] == "pg_catalog") ? parts[^1] : "";
        return StaticRows.Of("pg_collation").FirstOrDefault(row => row.Text(1) == name)?.Oid(0)
            ?? throw Missing(SqlState.UndefinedObject, $"collation \"{text}\" for encoding \"UTF8\" does not exist");
    }

    private static string Single(string text) => Identifiers.Split(text) is [var only]
        ? only
        : throw new TypeException(SqlState.InvalidName, "invalid name syntax");

    private static TypeException Missing(string sqlState, string message) => new(sqlState, message);
}
