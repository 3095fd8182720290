using Rqlite.Pg.Dialect.Syntax;

namespace Rqlite.Pg.Dialect.Definitions;

/// <summary>
/// Translates statements that define objects. The first steps change SQLite's schema, the others write the metadata; all of them take effect together.
/// </summary>
internal static class DefinitionTranslator
{
    /// <summary>Null for a statement that defines nothing, or that is not translated here.</summary>
    public static Translation? Translate(Statement statement, string text, TranslationContext context, ReadOnlySpan<uint> declared)
    {
        // The query of CREATE TABLE AS runs once, and its literals are read as those of other queries are.
        var definition = new Definition(text, statement is CreateTableAsStatement ? context with { Moment = null } : context, declared);
        return statement switch
        {
            CreateTableStatement s => new TableCreation(definition).Translate(s),
            CreateTableAsStatement s => new TableFromQuery(definition).Translate(s),
            CreateIndexStatement s => new IndexCreation(definition).Translate(s),
            CreateViewStatement s => new ViewCreation(definition).Translate(s),
            CreateSchemaStatement s => new SchemaCreation(definition).Translate(s),
            CreateEnumStatement s => new TypeCreation(definition).Translate(s),
            CreateDomainStatement s => new TypeCreation(definition).Translate(s),
            AlterTableStatement s => new TableAlteration(definition).Translate(s),
            CreateSequenceStatement s => new SequenceDefinitions(definition).Translate(s),
            AlterSequenceStatement s => new SequenceDefinitions(definition).Translate(s),
            RenameStatement s => new Renaming(definition).Translate(s),
            AlterSchemaStatement s => new Renaming(definition).Translate(s),
            AlterOwnerStatement s => new Owning(definition).Translate(s),
            AlterDomainStatement s => new DomainAlteration(definition).Translate(s),
            AlterEnumStatement s => new EnumAlteration(definition).Translate(s),
            DropStatement s => new Dropping(definition).Translate(s),
            CommentStatement s => new Commenting(definition).Translate(s),
            VacuumStatement s => new Statistics(definition).Translate(s),
            TruncateStatement s => new Truncation(definition).Translate(s),
            _ => null,
        };
    }
}
