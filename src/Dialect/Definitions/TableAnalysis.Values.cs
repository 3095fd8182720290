using Rqlite.Pg.Dialect.Binding;
using Rqlite.Pg.Dialect.Catalog;
using Rqlite.Pg.Dialect.Catalog.Deparsing;

namespace Rqlite.Pg.Dialect.Definitions;

/// <content>Defaults and generated columns.</content>
internal sealed partial class TableAnalysis
{
    private void BindValues()
    {
        var relation = plan.ToRelation();
        foreach (var column in plan.Columns)
        {
            var attribute = column.Attribute;
            if (column.Sequence is { } sequence && attribute.Identity == IdentityKind.None)
            {
                var name = plan.Schema.Name == "public" ? Identifiers.Quote(sequence.Name) : Identifiers.Qualify(plan.Schema.Name, sequence.Name);
                column.Attribute = attribute with { Default = $"nextval({Syntax.Writer.Literal(name)}::regclass)", OwnedSequence = sequence.SqliteName };
            }

            if (column.Written is not { } written)
            {
                continue;
            }

            var value = ExpressionBinder.BindDefault(
                written, attribute.Name, attribute.Type, definition.Bind, attribute.Generated ? relation : null, attribute.Generated);
            if (value is Const { Text: null } && !attribute.Generated && definition.Schema.FindType(attribute.Type.Oid)?.Kind != 'd')
            {
                // DEFAULT NULL is no default.
                continue;
            }

            column.Value = value;
            column.Attribute = attribute with { Default = Deparser.Expression(value, definition.Schema, relation, definition.Names) };
        }
    }
}
