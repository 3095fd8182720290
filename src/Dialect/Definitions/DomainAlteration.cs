using Rqlite.Pg.Dialect.Binding;
using Rqlite.Pg.Dialect.Catalog;
using Rqlite.Pg.Dialect.Catalog.Deparsing;
using Rqlite.Pg.Dialect.Syntax;
using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect.Definitions;

/// <summary>ALTER DOMAIN. Tables hold no conditions of domains; expressions that convert to them do.</summary>
internal sealed class DomainAlteration(Definition definition)
{
    private readonly SchemaSnapshot _before = (SchemaSnapshot)definition.Schema;

    public Translation Translate(AlterDomainStatement statement)
    {
        var domain = NamedType.Require(definition, ObjectKind.Domain, new ObjectName(statement.Name.Location, statement.Name.Parts));
        switch (statement.Action)
        {
            case AlterDomainAction.SetDefault:
                SetDefault(domain, statement.Value!);
                break;
            case AlterDomainAction.DropDefault:
                definition.Metadata.ForgetTypeDependencies(domain.Oid);
                Write(domain, domain with { Default = null });
                break;
            case AlterDomainAction.SetNotNull when !domain.NotNull:
                foreach (var (table, column) in Columns(domain))
                {
                    new RowChecks(definition, table, table.SqliteName).DomainNotNull(column);
                }

                Write(domain, domain with { NotNull = true });
                break;
            case AlterDomainAction.DropNotNull when domain.NotNull:
                Write(domain, domain with { NotNull = false });
                break;
            case AlterDomainAction.AddConstraint:
                AddConstraint(domain, statement.Constraint!);
                break;
            case AlterDomainAction.ValidateConstraint:
                Validate(domain, statement.ConstraintName!);
                break;
            case AlterDomainAction.DropConstraint:
                DropConstraint(domain, statement);
                break;
        }

        return definition.Build("ALTER DOMAIN");
    }

    private void SetDefault(TypeInfo domain, Expression written) => Definition.WithoutPosition(() =>
    {
        var value = ExpressionBinder.BindDefault(written, domain.Name, domain.Base, definition.Bind);
        definition.Metadata.ForgetTypeDependencies(domain.Oid);
        if (value is Const { Text: null })
        {
            Write(domain, domain with { Default = null });
            return;
        }

        Dependencies.Add(definition, ClassOids.PgType, domain.Oid, value, 0, ownColumns: false);
        Write(domain, domain with { Default = Deparser.Expression(value, definition.Schema, null, definition.Names) });
    });

    private void Write(TypeInfo former, TypeInfo domain)
    {
        definition.Metadata.SetDomain(domain.Oid, domain.NotNull, domain.Default);
        if (former.NotNull != domain.NotNull)
        {
            Refresh(domain);
        }
    }

    /// <summary>Makes the texts of expressions that convert to the domain anew.</summary>
    private void Refresh(TypeInfo domain)
    {
        var after = SnapshotChange.With(_before, types: _before.Types.Select(type => type.Oid == domain.Oid ? domain : type));
        new SchemaRewriting(definition, _before, after).Write(new HashSet<ObjectAddress> { new(ClassOids.PgType, domain.Oid, 0) });
    }

    private void AddConstraint(TypeInfo domain, TableConstraint written)
    {
        if (written.Kind != ConstraintKind.Check)
        {
            throw definition.Error(SqlState.SyntaxError, written.Kind switch
            {
                ConstraintKind.PrimaryKey => "primary key constraints not possible for domains",
                ConstraintKind.Unique => "unique constraints not possible for domains",
                ConstraintKind.Exclusion => "exclusion constraints not possible for domains",
                ConstraintKind.ForeignKey => "foreign key constraints not possible for domains",
                _ => "specifying constraint deferrability not supported for domains",
            });
        }

        var names = domain.Constraints.Select(constraint => constraint.Name).ToHashSet(StringComparer.Ordinal);
        var inSchema = definition.ConstraintNames(_before.FindSchema(domain.Schema)!);
        var name = written.Name ?? ObjectNames.Choose(domain.Name, null, "check", inSchema.Contains);
        if (names.Contains(name))
        {
            throw definition.Error(SqlState.DuplicateObject, $"constraint \"{name}\" for domain \"{domain.Name}\" already exists");
        }

        BoundExpression? value = null;
        Definition.WithoutPosition(() => value = ExpressionBinder.BindDomainCheck(written.Value!, domain.Base, definition.Bind));
        var text = Deparser.Expression(value!, definition.Schema, null, definition.Names);
        var added = new ConstraintInfo(definition.Fresh(), name, ConstraintType.Check, []) { Expression = text, Validated = !written.NotValid };
        if (added.Validated)
        {
            CheckRows(domain, added);
        }

        definition.Metadata.AddConstraint(definition.OidOf(added.Oid), 0, domain.Oid, added, 0, 0);
        Dependencies.Add(definition, ClassOids.PgConstraint, definition.OidOf(added.Oid), value, 0, ownColumns: false);
        Refresh(domain with { Constraints = [.. domain.Constraints, added] });
    }

    private void Validate(TypeInfo domain, string name)
    {
        var constraint = domain.Constraints.FirstOrDefault(c => c.Name == name) ?? throw Missing(domain, name);
        if (!constraint.Validated)
        {
            CheckRows(domain, constraint);
            definition.Metadata.SetValidated(constraint.Oid);
        }
    }

    private void DropConstraint(TypeInfo domain, AlterDomainStatement statement)
    {
        var name = statement.ConstraintName!;
        if (domain.Constraints.FirstOrDefault(c => c.Name == name) is not { } constraint)
        {
            if (!statement.IfExists)
            {
                throw Missing(domain, name);
            }

            definition.Notify("00000", $"constraint \"{name}\" of domain \"{domain.Name}\" does not exist, skipping");
            return;
        }

        definition.Metadata.DropConstraint(constraint.Oid);
        Refresh(domain with { Constraints = [.. domain.Constraints.Where(c => c.Oid != constraint.Oid)] });
    }

    private DialectException Missing(TypeInfo domain, string name) =>
        definition.Error(SqlState.UndefinedObject, $"constraint \"{name}\" of domain \"{domain.Name}\" does not exist");

    private void CheckRows(TypeInfo domain, ConstraintInfo constraint)
    {
        foreach (var (table, column) in Columns(domain))
        {
            new RowChecks(definition, table, table.SqliteName).DomainCheck(column, domain, constraint);
        }
    }

    /// <summary>The columns of the domain, and of domains over it.</summary>
    private IEnumerable<(Relation Table, Catalog.Attribute Column)> Columns(TypeInfo domain)
    {
        foreach (var table in _before.Relations.Where(relation => relation.Kind == RelationKind.Table))
        {
            foreach (var column in table.Attributes.Where(column => !column.Dropped))
            {
                if (IsOf(column.Type.Oid, domain))
                {
                    yield return (table, column);
                }
                else if (definition.Schema.FindType(column.Type.Oid) is { ElementOid: not 0 } array && IsOf(array.ElementOid, domain))
                {
                    throw definition.NotSupported("changing a domain of which there are columns of arrays is");
                }
            }
        }
    }

    private bool IsOf(uint type, TypeInfo domain) =>
        type == domain.Oid || (definition.Schema.FindType(type) is { Kind: 'd' } over && IsOf(over.Base.Oid, domain));
}
