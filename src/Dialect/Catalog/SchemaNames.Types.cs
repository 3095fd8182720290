using System.Text;
using Rqlite.Pg.Dialect.Lowering;
using Rqlite.Pg.Storage;
using Rqlite.Pg.Types;
using Rqlite.Pg.Types.Codecs;

namespace Rqlite.Pg.Dialect.Catalog;

/// <content>The types of the schema as clients send and receive their values.</content>
public sealed partial class SchemaNames
{
    private const short EnumLength = 4;

    public PgType CarrierOf(PgType type) => StoredTypes.Carried(type, schema);

    public uint ElementOf(uint type) => StoredTypes.ElementOf(new PgType(type), schema);

    public short LengthOf(uint type) => StoredTypes.IsEnum(type, schema) ? EnumLength : PgTypes.LengthOf(type);

    public void Require(uint type, in SqliteValue value)
    {
        type = StoredTypes.Base(new PgType(type), schema).Oid;
        if (PgTypes.Find(type) is not null || value.Class != StorageClass.Text)
        {
            return;
        }

        if (StoredTypes.IsEnum(type, schema))
        {
            RequireLabel(schema.FindType(type)!, value.Bytes);
        }
        else if (StoredTypes.ElementOf(new PgType(type), schema) is var element && StoredTypes.IsEnum(element, schema))
        {
            var labels = schema.FindType(element)!;
            foreach (var item in JsonElements.Read(value, PgTypes.Text, "array").Elements)
            {
                if (item.Value.Class == StorageClass.Text)
                {
                    RequireLabel(labels, item.Value.Bytes);
                }
            }
        }
    }

    private void RequireLabel(TypeInfo type, ReadOnlySpan<byte> text)
    {
        var label = Encoding.UTF8.GetString(text);
        if (!type.Labels.Any(known => known.Label == label))
        {
            throw new TypeException(SqlState.InvalidTextRepresentation, $"invalid input value for enum {TypeName(type.Oid)}: \"{label}\"");
        }
    }
}
