namespace Rqlite.Pg.Dialect.Syntax;

/// <summary>ALTER, except what it does to tables.</summary>
public sealed partial class Parser
{
    private Statement ParseAlter()
    {
        var location = Here;
        var start = _token.Start;
        Advance();
        var role = At(Keyword.Group);
        if (ParseObjectKind() is not { } kind)
        {
            Rewind(start);
            return ParseGeneric();
        }

        switch (kind)
        {
            case ObjectKind.Table or ObjectKind.Index or ObjectKind.Sequence or ObjectKind.View or ObjectKind.MaterializedView
                or ObjectKind.ForeignTable:
                return ParseAlterRelation(location, kind);
            case ObjectKind.Type:
                return ParseAlterType(location, start);
            case ObjectKind.Domain:
                return ParseAlterDomain(location);
            case ObjectKind.Role:
                return ParseAlterRole(location, role);
            case ObjectKind.Extension:
                return ParseAlterExtension(location);
            case ObjectKind.Function or ObjectKind.Procedure or ObjectKind.Routine:
                return ParseAlterFunction(location, kind);
            case ObjectKind.Policy:
                return ParseAlterPolicy(location);
            case ObjectKind.Column or ObjectKind.TableConstraint or ObjectKind.Cast or ObjectKind.Transform or ObjectKind.AccessMethod:
                throw Unexpected();
        }

        var exists = kind == ObjectKind.Statistics && At(Keyword.If);
        if (!exists && TryParseCommonChange(location, kind, ParseObjectName(kind)) is { } change)
        {
            return change;
        }

        Rewind(start);
        return ParseGeneric();
    }

    /// <summary>RENAME TO, OWNER TO, SET SCHEMA and DEPENDS ON EXTENSION, for the kinds that have them.</summary>
    private Statement? TryParseCommonChange(Location location, ObjectKind kind, ObjectName name)
    {
        if (At(Keyword.Rename) && kind is not (ObjectKind.Operator or ObjectKind.Extension or ObjectKind.LargeObject))
        {
            Advance();
            Expect(Keyword.To);
            var newName = kind == ObjectKind.Role ? ParseRoleId() : ParseColumnId();
            return new RenameStatement(location, kind, name, newName, false, DropBehavior.Default);
        }

        if (At(Keyword.Owner, Keyword.To) && kind is not (ObjectKind.Extension or ObjectKind.Policy or ObjectKind.Trigger or ObjectKind.Rule
            or ObjectKind.TextSearchParser or ObjectKind.TextSearchTemplate))
        {
            Advance();
            Advance();
            return new AlterOwnerStatement(location, kind, name, ParseRole());
        }

        if (At(Keyword.Set, Keyword.Schema) && kind is ObjectKind.Aggregate or ObjectKind.Collation or ObjectKind.Conversion or ObjectKind.Domain
            or ObjectKind.Extension or ObjectKind.Function or ObjectKind.Operator or ObjectKind.OperatorClass or ObjectKind.OperatorFamily
            or ObjectKind.Procedure or ObjectKind.Routine or ObjectKind.Statistics or ObjectKind.TextSearchConfiguration
            or ObjectKind.TextSearchDictionary or ObjectKind.TextSearchParser or ObjectKind.TextSearchTemplate or ObjectKind.Type)
        {
            Advance();
            Advance();
            return new AlterSchemaStatement(location, kind, name, ParseColumnId(), false);
        }

        if (kind is ObjectKind.Function or ObjectKind.Procedure or ObjectKind.Routine or ObjectKind.Trigger or ObjectKind.MaterializedView
            or ObjectKind.Index
            && (At(Keyword.Depends) || At(Keyword.No, Keyword.Depends)))
        {
            var remove = Accept(Keyword.No);
            Advance();
            Expect(Keyword.On, Keyword.Extension);
            return new AlterDependsStatement(location, kind, name, ParseColumnId(), remove);
        }

        return null;
    }

    private Statement ParseAlterType(Location location, int start)
    {
        var nameLocation = Here;
        var parts = ParseAnyName();
        var name = new ObjectName(nameLocation, parts);
        if (At(Keyword.Rename, Keyword.Attribute))
        {
            Advance();
            Advance();
            var attribute = new ObjectName(Here, [ParseColumnId()]) { On = parts };
            Expect(Keyword.To);
            return new RenameStatement(location, ObjectKind.Attribute, attribute, ParseColumnId(), false, ParseDropBehavior());
        }

        if (At(Keyword.Rename, Keyword.Value))
        {
            Advance();
            Advance();
            var old = ParseString();
            Expect(Keyword.To);
            return new AlterEnumStatement(location, new QualifiedName(nameLocation, parts), ParseString(), false) { Renamed = old };
        }

        if (At(Keyword.Add, Keyword.Value))
        {
            Advance();
            Advance();
            var ifNotExists = AcceptIfNotExists();
            var added = new AlterEnumStatement(location, new QualifiedName(nameLocation, parts), ParseString(), ifNotExists);
            var after = Accept(Keyword.After);
            return after || Accept(Keyword.Before) ? added with { Neighbor = ParseString(), After = after } : added;
        }

        if (TryParseCommonChange(location, ObjectKind.Type, name) is { } change)
        {
            return change;
        }

        if (At(Keyword.Set))
        {
            Rewind(start);
            return ParseGeneric();
        }

        var relation = new RelationReference(nameLocation, CheckRelationName(new QualifiedName(nameLocation, parts)));
        return new AlterTableStatement(location, ObjectKind.Type, relation, false, ParseList(static p => p.ParseAlterAttribute()));
    }

    private AlterTableCommand ParseAlterAttribute()
    {
        var location = Here;
        if (Accept(Keyword.Add))
        {
            Expect(Keyword.Attribute);
            var added = ParseFunctionColumn();
            return new AlterTableCommand(location, AlterTableAction.AddColumn, added.Name) { Column = added, Behavior = ParseDropBehavior() };
        }

        if (Accept(Keyword.Drop))
        {
            Expect(Keyword.Attribute);
            var ifExists = AcceptIfExists();
            return new AlterTableCommand(location, AlterTableAction.DropColumn, ParseColumnId()) { IfExists = ifExists,
                Behavior = ParseDropBehavior() };
        }

        Expect(Keyword.Alter, Keyword.Attribute);
        var command = new AlterTableCommand(location, AlterTableAction.AlterType, ParseColumnId());
        if (Accept(Keyword.Set))
        {
            Expect(Keyword.Data);
        }

        Expect(Keyword.Type);
        command = command with { Type = ParseTypeName() };
        command = command with { Collation = Accept(Keyword.Collate) ? ParseAnyName() : null };
        return command with { Behavior = ParseDropBehavior() };
    }

    private Statement ParseAlterDomain(Location location)
    {
        var nameLocation = Here;
        var parts = ParseAnyName();
        if (At(Keyword.Rename, Keyword.Constraint))
        {
            Advance();
            Advance();
            var constraint = new ObjectName(Here, [ParseColumnId()]) { On = parts };
            Expect(Keyword.To);
            return new RenameStatement(location, ObjectKind.DomainConstraint, constraint, ParseColumnId(), false, DropBehavior.Default);
        }

        if (TryParseCommonChange(location, ObjectKind.Domain, new ObjectName(nameLocation, parts)) is { } change)
        {
            return change;
        }

        var name = new QualifiedName(nameLocation, parts);
        if (Accept(Keyword.Add))
        {
            var constraint = ParseTableConstraint();
            return new AlterDomainStatement(location, name, AlterDomainAction.AddConstraint, Constraint: constraint);
        }

        if (Accept(Keyword.Validate))
        {
            Expect(Keyword.Constraint);
            return new AlterDomainStatement(location, name, AlterDomainAction.ValidateConstraint, ConstraintName: ParseColumnId());
        }

        if (Accept(Keyword.Set))
        {
            if (Accept(Keyword.Default))
            {
                return new AlterDomainStatement(location, name, AlterDomainAction.SetDefault, ParseExpression());
            }

            Expect(Keyword.Not, Keyword.Null);
            return new AlterDomainStatement(location, name, AlterDomainAction.SetNotNull);
        }

        Expect(Keyword.Drop);
        if (Accept(Keyword.Default))
        {
            return new AlterDomainStatement(location, name, AlterDomainAction.DropDefault);
        }

        if (Accept(Keyword.Not))
        {
            Expect(Keyword.Null);
            return new AlterDomainStatement(location, name, AlterDomainAction.DropNotNull);
        }

        Expect(Keyword.Constraint);
        var ifExists = AcceptIfExists();
        return new AlterDomainStatement(
            location, name, AlterDomainAction.DropConstraint, ConstraintName: ParseColumnId(), IfExists: ifExists, Behavior: ParseDropBehavior());
    }

    private Statement ParseAlterRole(Location location, bool group)
    {
        if (!group && Accept(Keyword.All))
        {
            return ParseAlterRoleSetting(location, null);
        }

        var role = ParseRole();
        if (At(Keyword.Rename))
        {
            var name = role.Kind == RoleKind.Name ? role.Name! : throw new Lexer(_text).SyntaxError(TokenAt(role.Location.Offset));
            return TryParseCommonChange(location, ObjectKind.Role, new ObjectName(role.Location, [name]))!;
        }

        if (group)
        {
            var add = Accept(Keyword.Add);
            if (!add)
            {
                Expect(Keyword.Drop);
            }

            Expect(Keyword.User);
            return new AlterRoleStatement(location, role, [new Option(Here, null, "rolemembers", ParseRoleList())]) { Add = add };
        }

        if (At(Keyword.Set) || At(Keyword.Reset) || At(Keyword.In))
        {
            return ParseAlterRoleSetting(location, role);
        }

        Accept(Keyword.With);
        var options = new List<Option>();
        while (!AtEnd())
        {
            options.Add(ParseRoleOption(create: false));
        }

        return new AlterRoleStatement(location, role, ListOf(options));
    }

    private AlterRoleSetStatement ParseAlterRoleSetting(Location location, RoleName? role)
    {
        string? database = null;
        if (Accept(Keyword.In))
        {
            Expect(Keyword.Database);
            database = ParseColumnId();
        }

        return new AlterRoleSetStatement(location, role, database, ParseSetResetClause());
    }

    private SetStatement ParseSetResetClause()
    {
        if (At(Keyword.Reset))
        {
            return ParseReset();
        }

        var location = Here;
        Expect(Keyword.Set);
        return ParseSetRest(location, SettingScope.Default);
    }

    private Statement ParseAlterExtension(Location location)
    {
        var nameLocation = Here;
        var name = ParseColumnId();
        if (Accept(Keyword.Update))
        {
            var version = Here;
            return new AlterExtensionStatement(
                location, name,
                Accept(Keyword.To) ? [new Option(version, null, "new_version", new Constant(Here, ConstantKind.String, ParseWordOrString()))] : []);
        }

        if (TryParseCommonChange(location, ObjectKind.Extension, new ObjectName(nameLocation, [name])) is { } change)
        {
            return change;
        }

        var add = Accept(Keyword.Add);
        if (!add)
        {
            Expect(Keyword.Drop);
        }

        return ParseObjectKind() is { } kind && kind is not (ObjectKind.TableConstraint or ObjectKind.Column or ObjectKind.LargeObject
            or ObjectKind.Policy or ObjectKind.Rule or ObjectKind.Trigger)
            ? new AlterExtensionContentsStatement(location, name, add, kind, ParseObjectName(kind))
            : throw Unexpected();
    }

    private Statement ParseAlterFunction(Location location, ObjectKind kind)
    {
        var name = ParseFunctionObject();
        if (TryParseCommonChange(location, kind, name) is { } change)
        {
            return change;
        }

        var options = new List<Option>();
        while (TryParseFunctionOption(create: false) is { } option)
        {
            options.Add(option);
        }

        if (options.Count == 0)
        {
            throw Unexpected();
        }

        Accept(Keyword.Restrict);
        return new AlterFunctionStatement(location, kind, name, ListOf(options));
    }

    private Statement ParseAlterPolicy(Location location)
    {
        var ifExists = AcceptIfExists();
        var nameLocation = Here;
        var name = ParseColumnId();
        Expect(Keyword.On);
        var table = ParseQualifiedName();
        if (Accept(Keyword.Rename))
        {
            Expect(Keyword.To);
            var policy = new ObjectName(nameLocation, [name]) { On = table.Parts };
            return new RenameStatement(location, ObjectKind.Policy, policy, ParseColumnId(), ifExists, DropBehavior.Default);
        }

        if (ifExists)
        {
            throw Unexpected();
        }

        var (roles, use, check) = ParsePolicyRest();
        return new AlterPolicyStatement(location, name, table, roles, use, check);
    }
}
