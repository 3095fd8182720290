using System.Text;
using Rqlite.Pg.Dialect.Catalog;
using Rqlite.Pg.Storage;
using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect.TypedColumns;

/// <summary>The enums and domains of the metadata.</summary>
internal sealed class UserTypes
{
    private readonly Dictionary<uint, Row> _types = [];
    private readonly Dictionary<uint, uint> _elements = [];
    private readonly Dictionary<uint, HashSet<string>> _labels = [];
    private readonly HashSet<uint> _checked = [];
    private readonly Dictionary<PgType, ColumnType?> _known = [];

    public UserTypes(IConnectionSql sql)
    {
        sql.Read(
            Statement.Ours("SELECT oid, name, kind, array_type, base, modifier, not_null FROM _rqlite_type"u8.ToArray()),
            (in row) =>
            {
                var type = new Row(Text(row[1]), Text(row[2]), new PgType((uint)row[4].Integer, (int)row[5].Integer), row[6].Integer != 0);
                _types[(uint)row[0].Integer] = type;
                _elements[(uint)row[3].Integer] = (uint)row[0].Integer;
            });
        if (_types.Count == 0)
        {
            return;
        }

        sql.Read(Statement.Ours("SELECT type, label FROM _rqlite_enum"u8.ToArray()), (in row) =>
        {
            if (!_labels.TryGetValue((uint)row[0].Integer, out var labels))
            {
                _labels[(uint)row[0].Integer] = labels = new(StringComparer.Ordinal);
            }

            labels.Add(Text(row[1]));
        });
        sql.Read(
            Statement.Ours("SELECT type FROM _rqlite_constraint WHERE type <> 0"u8.ToArray()), (in row) => _checked.Add((uint)row[0].Integer));
    }

    /// <summary>Null for a type that no column can have, such as a row type.</summary>
    public ColumnType? Find(PgType type)
    {
        if (!_known.TryGetValue(type, out var found))
        {
            _known[type] = found = Resolve(type);
        }

        return found;
    }

    private ColumnType? Resolve(PgType type)
    {
        if (PgTypes.Find(type.Oid) is not null)
        {
            return new ColumnType(TypeFormat.Name(type.Oid, type.Modifier), type);
        }

        if (_elements.TryGetValue(type.Oid, out var element))
        {
            // The elements of domains are checked as values of their base types.
            return Resolve(new PgType(element)) is { } of && PgTypes.ArrayOf(of.Carried.Oid) is var array and not 0
                ? new ColumnType(of.Name + "[]", new PgType(array, of.Carried.Modifier)) { Labels = of.Labels }
                : null;
        }

        if (!_types.TryGetValue(type.Oid, out var row))
        {
            return null;
        }

        if (row.Kind == "e")
        {
            return new ColumnType(Identifiers.Quote(row.Name), new PgType(PgTypes.Text)) { Labels = _labels.GetValueOrDefault(type.Oid, []) };
        }

        return row.Kind != "d" || Resolve(row.Base) is not { } under ? null : under with
        {
            Name = Identifiers.Quote(row.Name),
            Domains = _checked.Contains(type.Oid) ? [type.Oid, .. under.Domains] : under.Domains,
            NotNullDomain = row.NotNull ? row.Name : under.NotNullDomain,
        };
    }

    private static string Text(in SqliteValue value) => Encoding.UTF8.GetString(value.Bytes);

    /// <param name="Kind">The character of typtype.</param>
    private sealed record Row(string Name, string Kind, PgType Base, bool NotNull);
}
