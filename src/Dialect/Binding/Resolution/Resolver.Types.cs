using Rqlite.Pg.Dialect.Syntax;
using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect.Binding;

/// <summary>Names of types (PostgreSQL's parse_type.c).</summary>
internal sealed partial class Resolver
{
    /// <summary>The type that a name means, with its modifier.</summary>
    /// <exception cref="DialectException">42704: there is no such type; 22023: the modifiers are none of it.</exception>
    public PgType Type(TypeName name)
    {
        var oid = FindType(name);
        if (oid == 0)
        {
            throw _context.Error("42704", $"type \"{Show(name)}\" does not exist", name.Location);
        }

        return new PgType(oid, name.Modifiers.Count == 0 ? -1 : ReadModifiers(name, _types.Find(oid)!));
    }

    /// <summary>The type without its modifier; 0 if there is none.</summary>
    public uint FindType(TypeName name)
    {
        if (name.PercentType)
        {
            throw _context.Error("0A000", $"%TYPE is not supported: {Show(name)}", name.Location);
        }

        var (schema, local) = Split(name.Names, Location.None);
        var oid = schema is null ? _types.FindInPath(local) : _types.FindNamed(RequireSchema(schema, name.Location), local);
        return name.ArrayBounds.Count > 0 ? _types.ArrayOf(oid) : oid;
    }

    private int ReadModifiers(TypeName name, PgTypeInfo type)
    {
        if (type.ModifierInput.Length == 0)
        {
            throw _context.Error("42601", $"type modifier is not allowed for type \"{Show(name)}\"", name.Location);
        }

        var arguments = new List<string>(name.Modifiers.Count);
        foreach (var modifier in name.Modifiers)
        {
            arguments.Add(modifier switch
            {
                Constant { Kind: ConstantKind.Integer or ConstantKind.Decimal or ConstantKind.String } constant => constant.Text,
                ColumnReference { Star: false, Names: [var column] } => column,
                _ => throw _context.Error("42601", "type modifiers must be simple constants or identifiers", name.Location),
            });
        }

        try
        {
            return TypeModifiers.Read(type, arguments, _context.Notify);
        }
        catch (TypeException exception)
        {
            throw _context.Error(exception, name.Location);
        }
    }

    private static string Show(TypeName name) =>
        Join(name.Names) + (name.PercentType ? "%TYPE" : "") + (name.ArrayBounds.Count > 0 ? "[]" : "");
}
