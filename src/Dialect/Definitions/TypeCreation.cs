using Rqlite.Pg.Dialect.Binding;
using Rqlite.Pg.Dialect.Catalog;
using Rqlite.Pg.Dialect.Catalog.Deparsing;
using Rqlite.Pg.Dialect.Syntax;
using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect.Definitions;

/// <summary>CREATE TYPE AS ENUM and CREATE DOMAIN.</summary>
internal sealed class TypeCreation(Definition definition)
{
    public Translation Translate(CreateEnumStatement statement)
    {
        var (schema, name) = NewType(statement.Name);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var label in statement.Labels)
        {
            if (ObjectNames.Clip(label, ObjectNames.BytesMax) != label)
            {
                throw definition.Error(
                    SqlState.InvalidName, $"invalid enum label \"{label}\"", detail: $"Labels must be {ObjectNames.BytesMax} bytes or less.");
            }

            if (!seen.Add(label))
            {
                throw definition.Error(
                    SqlState.UniqueViolation, "duplicate key value violates unique constraint \"pg_enum_typid_label_index\"",
                    detail: $"The label \"{label}\" comes twice.");
            }
        }

        var metadata = definition.Metadata;
        var array = metadata.Draw();
        var oid = metadata.Draw();
        metadata.AddType(oid, schema.Oid, new TypeInfo(0, schema.Oid, schema.Name, name, 'e'), array);
        for (var i = 0; i < statement.Labels.Count; i++)
        {
            metadata.AddLabel(metadata.Draw(), oid, i + 1, statement.Labels[i]);
        }

        return definition.Build("CREATE TYPE");
    }

    public Translation Translate(CreateDomainStatement statement)
    {
        var (schema, name) = NewType(statement.Name);
        var type = definition.Resolver.Type(statement.Type);
        if (PgTypes.Find(type.Oid) is { Kind: 'p' } || definition.Schema.FindType(type.Oid) is { Kind: 'c' })
        {
            throw definition.Error(
                SqlState.DatatypeMismatch, $"\"{string.Join('.', statement.Type.Names)}\" is not a valid base type for a domain");
        }

        if (PgTypes.Find(type.Oid) is { } known && StoredForms.IsRefused(known))
        {
            throw definition.NotSupported($"domains over {definition.Names.TypeName(type.Oid)} are");
        }

        var collation = definition.CollationOf(type.Oid);
        if (statement.Collation is { } written)
        {
            var named = definition.Resolver.Collation(written, Location.None);
            collation = collation != 0 ? named : throw definition.Error(
                SqlState.DatatypeMismatch, $"collations are not supported by type {definition.Names.TypeName(type.Oid)}");
        }

        var domain = new TypeInfo(0, schema.Oid, schema.Name, name, 'd')
        {
            Base = type,
            Collation = collation,
            Dimensions = (short)statement.Type.ArrayBounds.Count,
        };
        WriteDomain(schema, domain, statement.Constraints);
        return definition.Build("CREATE DOMAIN");
    }

    private void WriteDomain(SchemaInfo schema, TypeInfo domain, NodeList<TableConstraint> constraints)
    {
        bool? notNull = null;
        var names = definition.ConstraintNames(schema);
        var checks = new List<(string Name, BoundExpression Value)>();
        BoundExpression? defaultValue = null;
        var hasDefault = false;
        foreach (var constraint in constraints)
        {
            switch (constraint.Kind)
            {
                case ConstraintKind.Default:
                    if (hasDefault)
                    {
                        throw definition.Error(SqlState.SyntaxError, "multiple default expressions");
                    }

                    hasDefault = true;
                    defaultValue = ExpressionBinder.BindDefault(constraint.Value!, domain.Name, domain.Base, definition.Bind);
                    break;
                case ConstraintKind.NotNull or ConstraintKind.Null:
                    var wanted = constraint.Kind == ConstraintKind.NotNull;
                    notNull = notNull is null || notNull == wanted
                        ? wanted
                        : throw definition.Error(SqlState.SyntaxError, "conflicting NULL/NOT NULL constraints");
                    break;
                case ConstraintKind.Check:
                    var name = constraint.Name ?? ObjectNames.Choose(domain.Name, null, "check", names.Contains);
                    if (!names.Add(name) && checks.Exists(check => check.Name == name))
                    {
                        throw definition.Error(SqlState.DuplicateObject, $"constraint \"{name}\" for domain {domain.Name} already exists");
                    }

                    checks.Add((name, ExpressionBinder.BindDomainCheck(constraint.Value!, domain.Base, definition.Bind)));
                    break;
                default:
                    throw Refused(constraint);
            }
        }

        var hasValue = defaultValue is not (null or Const { Text: null });
        domain = domain with
        {
            NotNull = notNull ?? false,
            Default = hasValue ? Deparser.Expression(defaultValue!, definition.Schema, null, definition.Names) : null,
        };
        var metadata = definition.Metadata;
        var array = metadata.Draw();
        var oid = metadata.Draw();
        metadata.AddType(oid, schema.Oid, domain, array);
        Dependencies.Add(definition, ClassOids.PgType, oid, defaultValue, 0, ownColumns: false);
        foreach (var (name, value) in checks)
        {
            var text = Deparser.Expression(value, definition.Schema, null, definition.Names);
            var constraint = metadata.Draw();
            metadata.AddConstraint(constraint, 0, oid, new ConstraintInfo(0, name, ConstraintType.Check, []) { Expression = text }, 0, 0);
            Dependencies.Add(definition, ClassOids.PgConstraint, constraint, value, 0, ownColumns: false);
        }
    }

    private DialectException Refused(TableConstraint constraint) => definition.Error(SqlState.SyntaxError, constraint.Kind switch
    {
        ConstraintKind.PrimaryKey => "primary key constraints not possible for domains",
        ConstraintKind.Unique => "unique constraints not possible for domains",
        ConstraintKind.Exclusion => "exclusion constraints not possible for domains",
        ConstraintKind.ForeignKey => "foreign key constraints not possible for domains",
        _ => "specifying constraint deferrability not supported for domains",
    });

    private (SchemaInfo Schema, string Name) NewType(QualifiedName name)
    {
        var schema = definition.SchemaOf(name with { Location = Location.None });
        return definition.Schema.FindType(schema.Name, name.Name) is null
            ? (schema, name.Name)
            : throw definition.Error(SqlState.DuplicateObject, $"type \"{name.Name}\" already exists");
    }
}
